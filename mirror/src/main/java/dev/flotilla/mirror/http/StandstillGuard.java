package dev.flotilla.mirror.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection on which nothing moves, or whose client takes nothing of what waits for it. Every byte that leaves counts: an
 * answer that is written in one piece may take its client as long as it gets on. It looks several times within each limit, and looks are
 * what it counts: where the machine stands still, nobody is late. Belongs to the connection's event loop.
 */
final class StandstillGuard extends ChannelDuplexHandler {
    /** Within the shorter limit: at most an eighth of it passes until it is seen that it is over. */
    private static final int LOOKS = 8;

    private final long everyNanos;
    private final int mostIdle;
    private final int mostUntaken;

    private @Nullable Future<?> looking;

    /** Whether anything was read or written since the last look. */
    private boolean moved = true;

    /** What leaves now, and how much of it has left, as the last look saw them. */
    private int leaving;

    private long left;

    private int idle;
    private int untaken;

    /**
     * For one connection.
     *
     * @param idleTimeOut how long nothing may move
     * @param writeTimeOut how long its client may take nothing of what waits for it
     */
    StandstillGuard(Duration idleTimeOut, Duration writeTimeOut) {
        everyNanos = Math.min(idleTimeOut.toNanos(), writeTimeOut.toNanos()) / LOOKS;
        mostIdle = looks(idleTimeOut);
        mostUntaken = looks(writeTimeOut);
    }

    private int looks(Duration limit) {
        return Math.toIntExact(Math.ceilDiv(limit.toNanos(), everyNanos));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        looking = context.executor()
                .scheduleWithFixedDelay(() -> look(context), everyNanos, everyNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (looking != null) {
            looking.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        moved = true;
        super.channelRead(context, message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        moved = true;
        super.write(context, message, promise);
    }

    private void look(ChannelHandlerContext context) {
        ChannelOutboundBuffer waiting = context.channel().unsafe().outboundBuffer();
        if (waiting == null) {
            return;
        }
        int now = System.identityHashCode(waiting.current());
        boolean leaves = now != leaving || waiting.currentProgress() != left;
        leaving = now;
        left = waiting.currentProgress();
        // Parts of files count as no bytes.
        boolean answerWaits = !waiting.isEmpty() || waiting.totalPendingWriteBytes() > 0;
        untaken = answerWaits && !leaves ? untaken + 1 : 0;
        idle = moved || leaves ? 0 : idle + 1;
        moved = false;
        if (untaken >= mostUntaken || (answerWaits && idle >= mostIdle)) {
            // Else the system keeps what the client hasn't taken, and goes on offering it, long after the connection
            // has ended here.
            context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            cut(context);
        } else if (idle >= mostIdle) {
            cut(context);
        }
    }

    /** From here and not from the channel's end: there, closing waits for what is still to be written. */
    @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for a connection that is given up.
    private static void cut(ChannelHandlerContext context) {
        context.close();
    }
}
