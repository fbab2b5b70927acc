package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.HttpSettings;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections of one listener: how many there may be, and when one is given up.
 *
 * <p>Vert.x' own idle time-outs count a write only when all of it is done, so that they would cut a large page or a part of
 * a file on its way to a slow client; here every byte that leaves counts. For any thread.
 */
final class Connections {
    /** The name of HTTP/2 in the handshake (RFC 9113, section 3.2). */
    private static final String HTTP_2 = "h2";

    /**
     * How much of what no client has taken the system may hold of one connection (TCP_NOTSENT_LOWAT of tcp(7)); what is on its way doesn't
     * count, so that far clients are served as fast. Without it the system takes up to 4 MiB each (tcp_wmem): some hundred slow clients
     * use up what there is for all connections of the machine (tcp_mem), packets are dropped, and everybody waits.
     */
    private static final long MOST_UNSENT_BYTES = 32 << 10;

    private static final AttributeKey<Boolean> UNHEARD = AttributeKey.valueOf(Connections.class, "unheard");

    private static final AttributeKey<ConnectionPlace> PLACE = AttributeKey.valueOf(Connections.class, "place");

    private final ConnectionRoom room;
    private final Duration headTimeOut;
    private final int mostRequests;
    private final Duration idleTimeOut;
    private final Duration writeTimeOut;
    private final Map<Channel, HttpConnection> connections = new ConcurrentHashMap<>();
    private volatile boolean leaving;

    Connections(HttpSettings settings, ConnectionRoom room) {
        this.room = room;
        headTimeOut = settings.headTimeOut();
        mostRequests = settings.requestsPerConnection();
        idleTimeOut = settings.idleTimeOut();
        writeTimeOut = settings.writeTimeOut();
    }

    /** Takes a new connection in, or closes it where there are too many. To be called on its event loop. */
    void accept(HttpConnection connection) {
        var channel = channel(connection);
        connections.put(channel, connection);
        var place = room.enter(channel, () -> giveWay(channel, connection));
        channel.attr(PLACE).set(place);
        connection.closeHandler(closed -> {
            connections.remove(channel);
            place.leave();
        });
        if (place.kind() == ConnectionPlace.Kind.NONE) {
            connection.close();
            return;
        }
        if (channel instanceof EpollSocketChannel socket) {
            socket.config().setTcpNotSentLowAt(MOST_UNSENT_BYTES);
            channel.pipeline().addFirst(new FullSegments(socket));
        }
        channel.pipeline().addFirst(new StandstillGuard(idleTimeOut, writeTimeOut), new LingeringClose());
        if (isMultiplexed(channel)) {
            StreamTurns.on(channel, writeTimeOut);
            RequestBounds.onMultiplexed(
                    channel.pipeline(), idleTimeOut, mostRequests, place, () -> Goodbye.say(channel, connection));
        } else {
            RequestBounds.on(channel.pipeline(), headTimeOut, mostRequests, place);
        }
        if (leaving) {
            leave(channel);
        }
    }

    /** What is below a connection. */
    static Channel channel(HttpConnection connection) {
        return ((ConnectionBase) connection).channel();
    }

    /** Who is at the other end of a connection. */
    static InetAddress client(HttpConnection connection) {
        return client(channel(connection));
    }

    static InetAddress client(Channel channel) {
        // A channel that was closed meanwhile has no other end.
        return channel.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress()
                : InetAddress.getLoopbackAddress();
    }

    /** Whether there are as many connections as may be, and this one is for health checks. */
    static boolean isSpare(HttpConnection connection) {
        var place = channel(connection).attr(PLACE).get();
        return place != null && place.kind() == ConnectionPlace.Kind.SPARE;
    }

    /** Has further requests on a connection go unheard, which is about to be closed. */
    static void hearNoMore(HttpConnection connection) {
        channel(connection).attr(UNHEARD).set(true);
    }

    /** Whether requests on it are heard. */
    static boolean isHeard(HttpConnection connection) {
        return !channel(connection).hasAttr(UNHEARD);
    }

    /** Closes a connection whose place another one has; after the answer that may be under way by now. */
    @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for a connection that is given up.
    private static void giveWay(Channel channel, HttpConnection connection) {
        var place = channel.attr(PLACE).get();
        var first = channel.pipeline().firstContext();
        if (first == null) {
            return;
        }
        if (place != null && place.isAnswering()) {
            RequestBounds.end(channel.pipeline());
            return;
        }
        if (isMultiplexed(channel)) {
            Goodbye.sayShortly(connection);
        }
        var encryption = channel.pipeline().get(SslHandler.class);
        if (encryption == null) {
            first.close();
        } else {
            // From the pipeline's beginning: its place is needed, and nothing is on its way that could get lost.
            encryption.closeOutbound().addListener(said -> first.close());
        }
    }

    /**
     * Has every connection end with the answer to the next request on it. None is closed while it is idle before its time:
     * a request may be on its way on it.
     */
    void leave() {
        leaving = true;
        connections.keySet().forEach(Connections::leave);
    }

    private static void leave(Channel channel) {
        channel.eventLoop().execute(() -> RequestBounds.end(channel.pipeline()));
    }

    private static boolean isMultiplexed(Channel channel) {
        var encryption = channel.pipeline().get(SslHandler.class);
        return encryption != null && HTTP_2.equals(encryption.applicationProtocol());
    }

    int open() {
        return connections.size();
    }
}
