package dev.flotilla.mirror.handover;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mirrors that serve the same store before this one takes their place: one as a rule, several where a trial was left
 * half way. They accept nothing while this object is open and this process lives, once {@link #serving} was called. For one
 * thread at a time; it blocks.
 */
public final class Predecessors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Predecessors.class);

    /** Far more than a living process takes; one that is stuck isn't waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final List<Conversation> conversations;
    private volatile boolean dismissed;

    private Predecessors(List<Conversation> conversations) {
        this.conversations = conversations;
    }

    public static Predecessors none() {
        return new Predecessors(List.of());
    }

    /**
     * Asks for the sockets of those who can be reached at {@code doors}, and leaves them with {@code sockets}. Doors behind
     * which nobody is are passed over.
     */
    public static Predecessors ask(Vertx vertx, ListeningSockets sockets, List<Path> doors) {
        var found = new ArrayList<Conversation>();
        if (sockets.areShareable()) {
            for (Path door : doors) {
                try {
                    var conversation = Conversation.with(vertx, door);
                    found.add(conversation);
                    conversation.begin(sockets, found.size() == 1);
                } catch (IOException nobody) {
                    LOG.info("nobody gives anything away at {}: {}", door, String.valueOf(nobody.getMessage()));
                }
            }
            found.removeIf(Conversation::isOver);
        }
        return new Predecessors(List.copyOf(found));
    }

    /** Says that this process accepts connections now. */
    public void serving() {
        conversations.forEach(conversation -> conversation.say(Words.SERVING));
    }

    /** Whether one of them waits, and serves again when this object is closed. */
    public boolean areWaiting() {
        return !dismissed && conversations.stream().anyMatch(conversation -> !conversation.isOver());
    }

    /** Says that they may end. */
    public void dismiss() {
        dismissed = true;
        conversations.forEach(conversation -> conversation.say(Words.END));
    }

    /** Lets them serve again, if they weren't dismissed. */
    @Override
    public void close() {
        conversations.forEach(Conversation::close);
    }

    /** With one of them: its answers, one after another. */
    private static final class Conversation extends ChannelInboundHandlerAdapter {
        private final EpollDomainSocketChannel channel;
        private final Deque<CompletableFuture<Object>> awaited = new ArrayDeque<>();

        private Conversation(EpollDomainSocketChannel channel) {
            this.channel = channel;
        }

        static Conversation with(Vertx vertx, Path door) throws IOException {
            try (var path = ShortPath.of(door)) {
                var connected = new Bootstrap()
                        .group(((VertxInternal) vertx).acceptorEventLoopGroup())
                        .channel(EpollDomainSocketChannel.class)
                        .handler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel fresh) {
                                Words.readLines(fresh.pipeline());
                                fresh.pipeline().addLast(new Conversation((EpollDomainSocketChannel) fresh));
                            }
                        })
                        .connect(path.address());
                connected.get();
                return connected.channel().pipeline().get(Conversation.class);
            } catch (ExecutionException refused) {
                throw new IOException(refused.getCause());
            } catch (InterruptedException inAHurry) {
                Thread.currentThread().interrupt();
                throw new IOException(inAHurry);
            }
        }

        /** Learns where the other one listens, and has its sockets sent if {@code wanted}. */
        void begin(ListeningSockets sockets, boolean wanted) throws IOException {
            var places = List.of(((String) expect(() -> say(Words.GREETING), 1).getFirst()).split(" "));
            if (!wanted) {
                return;
            }
            channel.config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
            var received = expect(() -> say(Words.SEND), places.size());
            channel.config().setReadMode(DomainSocketReadMode.BYTES);
            for (int i = 0; i < places.size(); i++) {
                sockets.receive(places.get(i), (FileDescriptor) received.get(i));
            }
        }

        private List<Object> expect(Runnable asking, int answers) throws IOException {
            var expected = Stream.generate(CompletableFuture<Object>::new)
                    .limit(answers)
                    .toList();
            synchronized (awaited) {
                awaited.addAll(expected);
            }
            try {
                asking.run();
                var all = new ArrayList<>();
                for (var one : expected) {
                    all.add(one.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
                }
                return all;
            } catch (ExecutionException | TimeoutException broken) {
                close();
                throw new IOException("it doesn't answer as a mirror does: " + broken);
            } catch (InterruptedException inAHurry) {
                close();
                Thread.currentThread().interrupt();
                throw new IOException(inAHurry);
            }
        }

        @SuppressWarnings(
                "FutureReturnValueIgnored") // Whether it was understood shows in the answer, or doesn't matter.
        void say(String word) {
            channel.writeAndFlush(word);
        }

        boolean isOver() {
            return !channel.isActive();
        }

        void close() {
            channel.close().awaitUninterruptibly();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object answer) {
            CompletableFuture<Object> first;
            synchronized (awaited) {
                first = awaited.poll();
            }
            if (first != null) {
                first.complete(answer);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            synchronized (awaited) {
                awaited.forEach(answer -> answer.completeExceptionally(new IOException("it has hung up")));
            }
        }
    }
}
