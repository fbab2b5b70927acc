package dev.flotilla.mirror.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection in two steps (RFC 9112, section 9.6): it says that nothing more comes, goes on to take what the client still
 * sends, and closes when the client has. A system that closes at once resets the connection where something unread waits, or comes
 * later, and the client then loses what was on its way to it; with HTTP/2 something nearly always comes, as clients say how much
 * they have read. Belongs to the connection's event loop.
 */
final class LingeringClose extends ChannelDuplexHandler {
    /** After so long a silence nothing is on its way that could do harm. */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    /** Longer than that nobody is waited for, whatever they send. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final long silenceNanos;
    private final long limitNanos;
    private boolean closing;
    private long begunNanos;
    private long heardNanos;

    LingeringClose() {
        this(SILENCE, LIMIT);
    }

    /**
     * Another one than usual.
     *
     * @param silence after which nothing is waited for any more
     * @param limit after which it isn't, whatever comes
     */
    LingeringClose(Duration silence, Duration limit) {
        silenceNanos = silence.toNanos();
        limitNanos = limit.toNanos();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // What fails here ends the connection, which the promise says.
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (!context.channel().isActive()) {
            context.close(promise);
            return;
        }
        context.channel().closeFuture().addListener(closed -> promise.trySuccess());
        if (closing) {
            // Encryption says so twice where its last word is slow to leave.
            return;
        }
        closing = true;
        // Behind all that is still to be written.
        context.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(written -> ((DuplexChannel) context.channel())
                        .shutdownOutput()
                        .addListener((ChannelFuture shut) -> {
                            if (shut.isSuccess()) {
                                begunNanos = System.nanoTime();
                                heardNanos = begunNanos;
                                context.channel().config().setAutoRead(true);
                                look(context);
                            } else {
                                context.close();
                            }
                        }));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The next look sees whether the connection has ended.
    private void look(ChannelHandlerContext context) {
        long now = System.nanoTime();
        long left = Math.min(silenceNanos - (now - heardNanos), limitNanos - (now - begunNanos));
        if (left <= 0) {
            context.close();
        } else if (context.channel().isOpen()) {
            context.executor().schedule(() -> look(context), left, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (closing) {
            heardNanos = System.nanoTime();
            ReferenceCountUtil.release(message);
            return;
        }
        super.channelRead(context, message);
    }
}
