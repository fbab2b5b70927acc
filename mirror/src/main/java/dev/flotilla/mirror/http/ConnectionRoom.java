package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.DescriptorShares;
import dev.flotilla.mirror.configuration.HttpSettings;
import dev.flotilla.mirror.upstream.ClientNetwork;
import dev.flotilla.mirror.upstream.MissLimits;
import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many connections there may be, of all listeners that share it. Where there are as many, a new one gets the place of the longest idle
 * one. Where none is idle, some more are let in for health checks ({@link SpareConnections}). For any thread.
 */
final class ConnectionRoom {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionRoom.class);

    /** A scraper or two and the agent keep theirs open. */
    private static final int FEWEST_OF_OPERATORS = 16;

    private final long begunNanos = System.nanoTime();
    private final int most;
    private final Function<Channel, ClientNetwork> network;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicLong numbers = new AtomicLong();
    private final Set<ConnectionPlace> wholes = ConcurrentHashMap.newKeySet();
    private final IdleConnections idle = new IdleConnections(wholes);
    private final SpareConnections spare;

    private ConnectionRoom(int most, int spare, MissLimits networks) {
        this.most = most;
        this.spare = new SpareConnections(spare);
        this.network = channel -> ClientNetwork.of(Connections.client(channel), networks);
    }

    /** That of clients: what is configured, or less where this process may not have so many files open. */
    static ConnectionRoom ofClients(HttpSettings settings, MissLimits networks) {
        var shares = DescriptorShares.ofThisProcess(settings);
        if (shares.connections() < settings.connections()) {
            LOG.warn(
                    "{} connections are allowed in place of {} (http.connections): this process may have {} files open; let it have more (ulimit -n, LimitNOFILE)",
                    shares.connections(),
                    settings.connections(),
                    shares.descriptors());
        }
        return new ConnectionRoom(shares.connections(), settings.spareConnections(), networks);
    }

    /** That of operators and scrapers, which clients can't take. */
    static ConnectionRoom ofOperators(HttpSettings settings, MissLimits networks) {
        return new ConnectionRoom(Math.max(FEWEST_OF_OPERATORS, settings.spareConnections()), 0, networks);
    }

    /** A time that is never 0 or less. */
    long now() {
        return System.nanoTime() - begunNanos + 1;
    }

    /**
     * A place for a new connection; that of the longest idle one where there is no other.
     *
     * @param goodbye closes the connection where another one gets its place; called on its event loop
     */
    ConnectionPlace enter(Channel channel, Runnable goodbye) {
        boolean whole = take();
        var kind = whole
                ? ConnectionPlace.Kind.WHOLE
                : spare.most() > 0 ? ConnectionPlace.Kind.SPARE : ConnectionPlace.Kind.NONE;
        var place =
                new ConnectionPlace(this, channel, network.apply(channel), numbers.incrementAndGet(), kind, goodbye);
        switch (kind) {
            case WHOLE -> whole(place);
            case SPARE -> spare.add(place).ifPresent(ConnectionRoom::cut);
            case NONE -> {}
        }
        return place;
    }

    private void whole(ConnectionPlace place) {
        wholes.add(place);
    }

    private boolean take() {
        if (taken.incrementAndGet() <= most) {
            return true;
        }
        taken.decrementAndGet();
        return idle.giveUpLongest();
    }

    /** Makes a spare connection one like any other, where there is room by now. */
    boolean rise(ConnectionPlace place) {
        if (!take()) {
            return false;
        }
        if (!spare.remove(place)) {
            // It is about to be closed for another one.
            taken.decrementAndGet();
            return false;
        }
        whole(place);
        return true;
    }

    /** Without the patience of a connection that ends in peace: its place is needed. */
    @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for a connection that is given up.
    private static void cut(ConnectionPlace place) {
        var channel = place.channel();
        channel.eventLoop().execute(() -> {
            var first = channel.pipeline().firstContext();
            if (first != null) {
                first.close();
            }
        });
    }

    /** @param kept whether nobody else has its place by now */
    void leave(ConnectionPlace place, boolean kept) {
        switch (place.kind()) {
            case WHOLE -> {
                wholes.remove(place);
                if (kept) {
                    taken.decrementAndGet();
                }
            }
            case SPARE -> spare.remove(place);
            case NONE -> {}
        }
    }
}
