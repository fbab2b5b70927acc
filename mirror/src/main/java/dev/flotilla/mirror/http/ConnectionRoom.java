package dev.flotilla.mirror.http;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.flotilla.mirror.configuration.HttpSettings;
import io.netty.channel.Channel;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many connections there may be, of all listeners that share it. Some more are let in for health checks; of these the oldest leaves
 * when another one comes, so that whoever does nothing on his keeps nobody out. For any thread.
 */
final class ConnectionRoom {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionRoom.class);

    /** A scraper or two and the agent keep theirs open. */
    private static final int FEWEST_OF_OPERATORS = 16;

    private final int most;
    private final int spare;
    private final AtomicInteger taken = new AtomicInteger();
    private final Deque<Channel> beyond = new ArrayDeque<>();

    ConnectionRoom(int most, int spare) {
        this.most = most;
        this.spare = spare;
    }

    /** That of clients: what is configured, or less where this process may not have so many files open. */
    static ConnectionRoom ofClients(HttpSettings settings) {
        long descriptors = descriptors();
        int most = affordable(settings, descriptors);
        if (most < settings.connections()) {
            LOG.warn(
                    "{} connections are allowed in place of {} (http.connections): this process may have {} files open; let it have more (ulimit -n, LimitNOFILE)",
                    most,
                    settings.connections(),
                    descriptors);
        }
        return new ConnectionRoom(most, settings.spareConnections());
    }

    /** That of operators and scrapers, which clients can't take. */
    static ConnectionRoom ofOperators(HttpSettings settings) {
        return new ConnectionRoom(Math.max(FEWEST_OF_OPERATORS, settings.spareConnections()), 0);
    }

    /** Each connection may read a file; spare ones and those of operators read none. */
    static int affordable(HttpSettings settings, long descriptors) {
        long left = descriptors - settings.descriptorsHeldBack() - 2L * settings.spareConnections();
        return Math.clamp(left / 2, 1, settings.connections());
    }

    private static long descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    /** What a new connection is. */
    enum Entry {
        /** One like any other. */
        WHOLE,
        /** One for health checks alone. */
        SPARE,
        /** None: it is to be closed. */
        NONE
    }

    Entry enter(Channel channel) {
        if (taken.incrementAndGet() <= most) {
            return Entry.WHOLE;
        }
        taken.decrementAndGet();
        if (spare == 0) {
            return Entry.NONE;
        }
        Channel oldest = null;
        synchronized (beyond) {
            if (beyond.size() >= spare) {
                oldest = beyond.poll();
            }
            beyond.add(channel);
        }
        if (oldest != null) {
            cut(oldest);
        }
        return Entry.SPARE;
    }

    /** Without the patience of a connection that ends in peace: its place is needed. */
    @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for a connection that is given up.
    private static void cut(Channel channel) {
        channel.eventLoop().execute(() -> {
            var first = channel.pipeline().firstContext();
            if (first != null) {
                first.close();
            }
        });
    }

    /** To be called once when a connection that has entered ends. */
    void leave(Channel channel, Entry entry) {
        switch (entry) {
            case WHOLE -> taken.decrementAndGet();
            case SPARE -> {
                synchronized (beyond) {
                    beyond.remove(channel);
                }
            }
            case NONE -> {}
        }
    }
}
