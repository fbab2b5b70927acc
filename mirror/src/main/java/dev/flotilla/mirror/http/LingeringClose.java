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
 * they have read. Looks are counted and not time: a machine that stands still lets nobody say anything. Belongs to the connection's
 * event loop.
 */
final class LingeringClose extends ChannelDuplexHandler {
    /** After so long a silence nothing is on its way that could do harm. */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    /** Longer than that nobody is waited for, whatever they send. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Within the shorter of both. */
    private static final int LOOKS = 5;

    private final long everyNanos;
    private final int mostSilent;
    private final int mostLooks;
    private boolean closing;
    private boolean heard;
    private int silent;
    private int looks;

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
        everyNanos = Math.min(silence.toNanos(), limit.toNanos()) / LOOKS;
        mostSilent = Math.toIntExact(silence.toNanos() / everyNanos);
        mostLooks = Math.toIntExact(limit.toNanos() / everyNanos);
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
                                context.channel().config().setAutoRead(true);
                                later(context);
                            } else {
                                context.close();
                            }
                        }));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The next look sees whether the connection has ended.
    private void later(ChannelHandlerContext context) {
        context.executor().schedule(() -> look(context), everyNanos, TimeUnit.NANOSECONDS);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for the end of what is over.
    private void look(ChannelHandlerContext context) {
        looks++;
        silent = heard ? 0 : silent + 1;
        heard = false;
        if (silent >= mostSilent || looks >= mostLooks) {
            context.close();
        } else if (context.channel().isOpen()) {
            later(context);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (closing) {
            heard = true;
            ReferenceCountUtil.release(message);
            return;
        }
        super.channelRead(context, message);
    }
}
