package dev.flotilla.mirror.handover;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.spi.transport.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets at which this process listens: made here, or received from the process before it. Vert.x knows no other way to
 * listen than to bind, so that it gets a transport of its own, whose listening channels may have their socket already.
 * Safe for use from any thread; places are opened one after another.
 */
public final class ListeningSockets {
    private static final Logger LOG = LoggerFactory.getLogger(ListeningSockets.class);

    private final boolean shareable = Epoll.isAvailable();
    /** By the word of the place, as the other process says it. */
    private final Map<String, FileDescriptor> received = new HashMap<>();

    private final Map<Place, EpollServerSocketChannel> open = new LinkedHashMap<>();
    private final Counter counter = new Counter();
    private @Nullable Place next;

    /** Builds a Vert.x whose listeners are those of this object. */
    public Vertx vertx(VertxOptions options) {
        var builder = Vertx.builder().with(options);
        return (shareable ? builder.withTransport(new Sharing()) : builder).build();
    }

    /** Whether sockets can go from one process to another on this system: by epoll(7), so on Linux alone. */
    boolean areShareable() {
        return shareable;
    }

    /** Takes a socket that has been received for this place. */
    synchronized void receive(String place, FileDescriptor socket) {
        received.put(place, socket);
    }

    /** Says for which place Vert.x listens next. */
    public synchronized void next(Place place) {
        next = place;
    }

    /** Closes what was received and is not listened at: this process is configured otherwise. */
    public synchronized void closeUnused() {
        for (var socket : received.entrySet()) {
            try {
                socket.getValue().close();
            } catch (IOException failed) {
                LOG.warn("closing the socket of {} failed: {}", socket.getKey(), failed.toString());
            }
        }
        received.clear();
    }

    /** Where this process listens, in the order in which it was opened. */
    synchronized Map<Place, EpollServerSocketChannel> open() {
        return new LinkedHashMap<>(open);
    }

    /** Accepts nothing for the time being: who connects waits in the queue of the socket, for whoever else has it. */
    void pause() {
        open().values().forEach(channel -> channel.config().setAutoRead(false));
    }

    /** Accepts, those first who have waited: at sockets that were received it doesn't before this is called. */
    public void accept() {
        open().values().forEach(channel -> channel.config().setAutoRead(true));
    }

    /** Accepts nothing more; who is connected already stays so. The future completes when no socket listens any more. */
    CompletableFuture<Void> close() {
        var all = CompletableFuture.allOf(open().values().stream()
                .map(channel -> {
                    var closed = new CompletableFuture<Void>();
                    channel.close().addListener(done -> closed.complete(null));
                    return closed;
                })
                .toArray(CompletableFuture[]::new));
        return all.thenRun(counter::nobodyComes);
    }

    /** How many connections there are that were accepted here. */
    public int connections() {
        return counter.open.get();
    }

    /** Completes when nothing is listened at any more and the last connection that was accepted has ended. */
    public CompletableFuture<Void> gone() {
        return counter.gone.copy();
    }

    private synchronized EpollServerSocketChannel channel() {
        Place place = next;
        if (place == null) {
            return new EpollServerSocketChannel();
        }
        next = null;
        var channel = Optional.ofNullable(received.remove(place.word()))
                .map(ListeningSockets::listening)
                .orElseGet(EpollServerSocketChannel::new);
        channel.pipeline().addFirst(counter);
        open.put(place, channel);
        return channel;
    }

    private static EpollServerSocketChannel listening(FileDescriptor socket) {
        var channel = new EpollServerSocketChannel(socket.intValue());
        // It is active from the start, and would accept before this process can answer, or knows that it will.
        channel.config().setAutoRead(false);
        channel.pipeline().addFirst(new Bound());
        return channel;
    }

    /** In place of binding, which a socket that listens already refuses. */
    private static final class Bound extends ChannelOutboundHandlerAdapter {
        @Override
        public void bind(ChannelHandlerContext context, SocketAddress address, ChannelPromise promise) {
            promise.setSuccess();
        }
    }

    /**
     * Counts connections from the very moment in which they are accepted: before Vert.x knows of one, a request may be on its
     * way on it.
     */
    @ChannelHandler.Sharable
    private static final class Counter extends ChannelInboundHandlerAdapter {
        private final AtomicInteger open = new AtomicInteger();
        private final CompletableFuture<Void> gone = new CompletableFuture<>();
        private volatile boolean closed;

        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) throws Exception {
            open.incrementAndGet();
            ((Channel) accepted).closeFuture().addListener(over -> {
                open.decrementAndGet();
                completeIfGone();
            });
            super.channelRead(context, accepted);
        }

        void nobodyComes() {
            closed = true;
            completeIfGone();
        }

        private void completeIfGone() {
            if (closed && open.get() == 0) {
                gone.complete(null);
            }
        }
    }

    /** Epoll, but for where listening channels come from. */
    private final class Sharing extends EpollTransport implements io.vertx.core.transport.Transport {
        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
            return domainSocket ? super.serverChannelFactory(true) : ListeningSockets.this::channel;
        }

        @Override
        public String name() {
            return "epoll";
        }

        @Override
        public boolean available() {
            return shareable;
        }

        @Override
        public Transport implementation() {
            return this;
        }
    }
}
