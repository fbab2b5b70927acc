package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.HttpSettings;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of one listener: how many there may be, and when one is given up.
 *
 * <p>Vert.x' own idle time-outs count a write only when all of it is done, so that they would cut a large page or a part of
 * a file on its way to a slow client; these watch every byte that leaves. For any thread.
 */
final class Connections {
    private final int most;
    private final Duration idleTimeOut;
    private final Duration writeTimeOut;
    private final AtomicInteger open = new AtomicInteger();

    Connections(HttpSettings settings) {
        most = settings.connections();
        idleTimeOut = settings.idleTimeOut();
        writeTimeOut = settings.writeTimeOut();
    }

    /** Takes a new connection in, or closes it where there are too many. To be called on its event loop. */
    void accept(HttpConnection connection) {
        int count = open.incrementAndGet();
        connection.closeHandler(closed -> open.decrementAndGet());
        var channel = ((ConnectionBase) connection).channel();
        if (count > most) {
            connection.close();
            return;
        }
        channel.pipeline()
                .addFirst(
                        new IdleStateHandler(
                                true, 0, writeTimeOut.toMillis(), idleTimeOut.toMillis(), TimeUnit.MILLISECONDS),
                        new Guard());
    }

    int open() {
        return open.get();
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
