package dev.flotilla.mirror.handover;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the mirror that serves does for the one after it: at a socket in its own folder of the store, it gives away the
 * sockets at which it listens. While the other one serves, this one accepts nothing; when that one ends before this one was
 * told to end, this one accepts again. Whoever may write that folder may ask. Safe for use from any thread.
 */
public final class HandOver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

    /** Conversations at once: one is usual. */
    private static final int MOST_VISITORS = 16;

    private final ListeningSockets sockets;
    private final Runnable dismissed;
    private final Set<Channel> visitors = new HashSet<>();
    private final Set<Channel> successors = new HashSet<>();
    private @Nullable ShortPath path;
    private @Nullable Channel door;
    private boolean leaving;

    private HandOver(ListeningSockets sockets, Runnable dismissed) {
        this.sockets = sockets;
        this.dismissed = dismissed;
    }

    /**
     * Begins to offer the sockets at {@code door}. Where that can't be, the log says so and nobody is offered anything: a
     * mirror serves without it. Blocks for a moment.
     *
     * @param door absent where the disk has no place for it
     * @param dismissed run when the next mirror says that this one may end
     */
    public static HandOver open(Vertx vertx, ListeningSockets sockets, Optional<Path> door, Runnable dismissed) {
        var offer = new HandOver(sockets, dismissed);
        if (!sockets.areShareable()) {
            LOG.info("this mirror can't be taken over from without a gap: there is no epoll on this system");
            return offer;
        }
        if (door.isEmpty()) {
            LOG.warn(
                    "this mirror can't be taken over from without a gap: the store's disk has no place for its socket");
            return offer;
        }
        try {
            offer.listen(vertx, door.get());
        } catch (IOException refused) {
            LOG.warn(
                    "this mirror can't be taken over from without a gap: {} can't be opened: {}",
                    door.get(),
                    refused.toString());
        }
        return offer;
    }

    private synchronized void listen(Vertx vertx, Path socket) throws IOException {
        path = ShortPath.of(socket);
        var acceptor = ((VertxInternal) vertx).acceptorEventLoopGroup();
        try {
            var bound = new ServerBootstrap()
                    .group(acceptor)
                    .channel(EpollServerDomainSocketChannel.class)
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel visitor) {
                            Words.readLines(visitor.pipeline());
                            visitor.pipeline().addLast(new Visitor());
                        }
                    })
                    .bind(path.address());
            bound.get();
            door = bound.channel();
        } catch (ExecutionException failed) {
            path.close();
            throw new IOException(failed.getCause());
        } catch (InterruptedException inAHurry) {
            path.close();
            Thread.currentThread().interrupt();
            throw new IOException(inAHurry);
        }
    }

    /** Whether another mirror serves in place of this one; once this one leaves, for good. */
    public synchronized boolean isHandedOver() {
        return !successors.isEmpty();
    }

    /** For good: this process never accepts again, and those who serve in its place know that they are on their own. */
    public void leave() {
        synchronized (this) {
            leaving = true;
        }
        sockets.close().join();
        hangUp();
    }

    @Override
    public void close() throws IOException {
        hangUp();
        synchronized (this) {
            if (path != null) {
                path.close();
            }
        }
    }

    private void hangUp() {
        Optional<Channel> open;
        Set<Channel> conversations;
        synchronized (this) {
            leaving = true;
            open = Optional.ofNullable(door);
            door = null;
            conversations = new HashSet<>(visitors);
        }
        open.ifPresent(channel -> channel.close().awaitUninterruptibly());
        conversations.forEach(channel -> channel.close().awaitUninterruptibly());
    }

    private synchronized boolean came(Channel visitor) {
        return !leaving && visitors.size() < MOST_VISITORS && visitors.add(visitor);
    }

    private synchronized void serves(Channel successor) {
        if (!leaving && successors.add(successor)) {
            sockets.pause();
            LOG.info("another mirror of this store serves now; this one accepts nothing while that one lives");
        }
    }

    private synchronized void left(Channel visitor) {
        visitors.remove(visitor);
        if (!leaving && successors.remove(visitor) && successors.isEmpty()) {
            sockets.accept();
            LOG.warn("the mirror that served in place of this one has ended: this one serves again");
        }
    }

    /** One conversation. */
    private final class Visitor extends SimpleChannelInboundHandler<String> {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (!came(context.channel())) {
                end(context);
            }
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // Where writing fails, the conversation ends.
        protected void channelRead0(ChannelHandlerContext context, String line) {
            switch (line) {
                case Words.GREETING ->
                    context.writeAndFlush(
                            sockets.open().keySet().stream().map(Place::word).collect(Collectors.joining(" ")));
                case Words.SEND -> {
                    sockets.open().values().forEach(socket -> context.write(socket.fd()));
                    context.flush();
                }
                case Words.SERVING -> serves(context.channel());
                case Words.END -> dismissed.run();
                default -> end(context);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            left(context.channel());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("a conversation with another mirror broke: {}", cause.toString());
            end(context);
        }

        @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for a conversation that is given up.
        private static void end(ChannelHandlerContext context) {
            context.close();
        }
    }
}
