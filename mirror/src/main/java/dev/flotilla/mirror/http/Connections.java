package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.HttpSettings;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of one listener: how many there may be, and when one is given up.
 *
 * <p>Vert.x' own idle time-outs count a write only when all of it is done, so that they would cut a large page or a part of
 * a file on its way to a slow client; these watch every byte that leaves. For any thread.
 */
final class Connections {
    /** The name of HTTP/2 in the handshake (RFC 9113, section 3.2). */
    private static final String HTTP_2 = "h2";

    /** RFC 9113, section 7. */
    private static final long NO_ERROR = 0;

    /** How long a request may be on its way to a mirror that has said goodbye. */
    private static final Duration UNDER_WAY = Duration.ofSeconds(2);

    private static final AttributeKey<Boolean> UNHEARD = AttributeKey.valueOf(Connections.class, "unheard");

    private final int most;
    private final Duration idleTimeOut;
    private final Duration writeTimeOut;
    private final Duration leaveLimit;
    private final AtomicInteger open = new AtomicInteger();
    private final Map<Channel, HttpConnection> connections = new ConcurrentHashMap<>();
    private volatile boolean leaving;

    Connections(HttpSettings settings) {
        most = settings.connections();
        idleTimeOut = settings.idleTimeOut();
        writeTimeOut = settings.writeTimeOut();
        leaveLimit = settings.handOverLimit();
    }

    /** Takes a new connection in, or closes it where there are too many. To be called on its event loop. */
    void accept(HttpConnection connection) {
        int count = open.incrementAndGet();
        var channel = channel(connection);
        connections.put(channel, connection);
        connection.closeHandler(closed -> closed(channel));
        if (count > most) {
            connection.close();
            return;
        }
        channel.pipeline()
                .addFirst(
                        new IdleStateHandler(
                                true, 0, writeTimeOut.toMillis(), idleTimeOut.toMillis(), TimeUnit.MILLISECONDS),
                        new Guard(),
                        new LingeringClose());
        if (isMultiplexed(channel)) {
            StreamTurns.on(channel, writeTimeOut);
        }
        if (leaving) {
            leave(channel, connection);
        }
    }

    /** What is below a connection. */
    static Channel channel(HttpConnection connection) {
        return ((ConnectionBase) connection).channel();
    }

    /** Has further requests on a connection go unheard, which is about to be closed. */
    static void hearNoMore(HttpConnection connection) {
        channel(connection).attr(UNHEARD).set(true);
    }

    /** Whether requests on it are heard. */
    static boolean isHeard(HttpConnection connection) {
        return !channel(connection).hasAttr(UNHEARD);
    }

    private void closed(Channel channel) {
        connections.remove(channel);
        open.decrementAndGet();
    }

    /**
     * Has every connection end with the answer to the next request on it. None is closed while it is idle before its time:
     * a request may be on its way on it.
     */
    void leave() {
        leaving = true;
        connections.forEach(this::leave);
    }

    private void leave(Channel channel, HttpConnection connection) {
        channel.eventLoop().execute(() -> {
            if (isMultiplexed(channel)) {
                sayGoodbye(channel, connection);
            } else {
                Farewell.to(channel);
            }
        });
    }

    /**
     * First without a number: requests that are on their way are answered. Then with that of the last one that came; the connection ends
     * after its answer (RFC 9113, section 6.8).
     */
    @SuppressWarnings("FutureReturnValueIgnored") // The connection's end is heard of by its close handler.
    private void sayGoodbye(Channel channel, HttpConnection connection) {
        connection.goAway(NO_ERROR, Integer.MAX_VALUE);
        channel.eventLoop()
                .schedule(
                        () -> {
                            connection.goAway(NO_ERROR);
                            connection.shutdown(leaveLimit.toMillis(), TimeUnit.MILLISECONDS);
                        },
                        UNDER_WAY.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private static boolean isMultiplexed(Channel channel) {
        var encryption = channel.pipeline().get(SslHandler.class);
        return encryption != null && HTTP_2.equals(encryption.applicationProtocol());
    }

    int open() {
        return open.get();
    }

    /** Takes every request for the last one of its connection, as if its client had said so (RFC 9112, 9.6). */
    private static final class Farewell extends ChannelInboundHandlerAdapter {
        /** The name that Vert.x gives to its own end of the pipeline. */
        private static final String SERVER = "handler";

        /** To be called on the channel's event loop. */
        static void to(Channel channel) {
            var pipeline = channel.pipeline();
            if (pipeline.get(Farewell.class) == null && pipeline.get(SERVER) != null) {
                pipeline.addBefore(SERVER, null, new Farewell());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (message instanceof HttpRequest request) {
                request.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            super.channelRead(context, message);
        }
    }

    /** Closes a connection on which nothing moves, or whose client takes nothing of what waits for it. */
    private static final class Guard extends ChannelDuplexHandler {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
            if (!(event instanceof IdleStateEvent idle)) {
                super.userEventTriggered(context, event);
                return;
            }
            switch (idle.state()) {
                case ALL_IDLE -> cut(context);
                case WRITER_IDLE -> {
                    ChannelOutboundBuffer waiting = context.channel().unsafe().outboundBuffer();
                    if (waiting != null && waiting.totalPendingWriteBytes() > 0) {
                        cut(context);
                    }
                }
                case READER_IDLE -> {}
            }
        }

        /** From here and not from the channel's end: there, closing waits for what is still to be written. */
        @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for a connection that is given up.
        private static void cut(ChannelHandlerContext context) {
            context.close();
        }
    }
}
