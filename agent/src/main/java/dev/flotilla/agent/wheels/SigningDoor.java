package dev.flotilla.agent.wheels;

import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.BucketLocation;
import dev.flotilla.agent.bucket.Signing;
import dev.flotilla.agent.disk.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the mirror beside this agent has its requests for wheels signed, so that it needs no credentials (docs/decisions/0028). A socket of the
 * file system that none but the agent's own user can enter; one line comes, {@code GET ‹address›}, some go, and the conversation is over. Only GETs of
 * wheels in the fleet's own bucket are signed. No wheel comes by here. One thread, which waits while nobody asks.
 */
public final class SigningDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SigningDoor.class);
    private static final String QUESTION = "GET ";

    /** An address has a name of an object, of 1,024 characters at most, and what stands before it. */
    private static final int LONGEST_BYTES = 2048;

    /** More than a mirror downloads at once. */
    private static final int MOST_VISITORS = 256;

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** After trouble of its own, such as no descriptor left. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Path place;
    private final BucketLocation bucket;
    private final Function<URI, Signing> signer;
    private final ServerSocketChannel door;
    private final Selector selector;
    private final Thread thread;

    /** A conversation: what has come of its question. */
    private record Visitor(ByteBuffer question, long begunNanos) {
        boolean isLate() {
            return System.nanoTime() - begunNanos > PATIENCE.toNanos();
        }
    }

    private SigningDoor(
            Path place,
            BucketLocation bucket,
            Function<URI, Signing> signer,
            ServerSocketChannel door,
            Selector selector) {
        this.place = place;
        this.bucket = bucket;
        this.signer = signer;
        this.door = door;
        this.selector = selector;
        this.thread = Thread.ofPlatform().name("signer").daemon().unstarted(this::serve);
    }

    /**
     * Begins to sign; whoever opens it has the folder to itself.
     *
     * @param bucket whose wheels may be read
     * @param signer may take its time
     */
    public static SigningDoor open(Path place, BucketLocation bucket, Function<URI, Signing> signer)
            throws IOException {
        ServerSocketChannel door = SocketPlace.listen(place, Disk.PARTIAL + "signer");
        Selector selector = Selector.open();
        door.configureBlocking(false);
        door.register(selector, SelectionKey.OP_ACCEPT);
        var opened = new SigningDoor(place, bucket, signer, door, selector);
        opened.thread.start();
        return opened;
    }

    private void serve() {
        while (door.isOpen()) {
            try {
                round();
            } catch (IOException | RuntimeException broken) {
                if (!door.isOpen()) {
                    return;
                }
                LOG.warn("questions for signatures wait for a moment: {}", broken.toString());
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private void round() throws IOException {
        boolean alone = selector.keys().size() == 1;
        selector.select(alone ? 0 : PATIENCE.toMillis());
        turns();
        // Whoever has asked while others were answered isn't late for that.
        selector.selectNow();
        turns();
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Visitor visitor && visitor.isLate()) {
                leave(key);
            }
        }
    }

    private void turns() throws IOException {
        for (Iterator<SelectionKey> ready = selector.selectedKeys().iterator(); ready.hasNext(); ) {
            SelectionKey key = ready.next();
            ready.remove();
            turn(key);
        }
    }

    private void turn(SelectionKey key) throws IOException {
        if (!key.isValid()) {
            return;
        }
        if (key.isAcceptable()) {
            welcome();
            return;
        }
        try {
            listen(key);
        } catch (IOException | RuntimeException broken) {
            LOG.debug("a question for a signature broke: {}", broken.toString());
            leave(key);
        }
    }

    private void welcome() throws IOException {
        SocketChannel visitor = door.accept();
        if (visitor == null) {
            return;
        }
        if (selector.keys().size() > MOST_VISITORS) {
            visitor.close();
            return;
        }
        visitor.configureBlocking(false);
        visitor.register(
                selector, SelectionKey.OP_READ, new Visitor(ByteBuffer.allocate(LONGEST_BYTES), System.nanoTime()));
    }

    private void listen(SelectionKey key) throws IOException {
        var visitor = (Visitor) key.attachment();
        ByteBuffer question = visitor.question();
        var channel = (SocketChannel) key.channel();
        int read = channel.read(question);
        int length = question.position();
        if (length > 0 && question.get(length - 1) == '\n') {
            String line = StandardCharsets.US_ASCII
                    .decode(question.duplicate().flip().limit(length - 1))
                    .toString();
            // Far less than a socket takes at once; what it doesn't take, its visitor misses the end of.
            channel.write(ByteBuffer.wrap(answer(line).getBytes(StandardCharsets.US_ASCII)));
            leave(key);
        } else if (read < 0 || !question.hasRemaining()) {
            leave(key);
        }
    }

    /** {@code signed}, header fields and an empty line; or {@code unsigned} or {@code failed}, and why. */
    private String answer(String question) {
        if (!question.startsWith(QUESTION)) {
            return "failed only GET is signed\n";
        }
        String address = question.substring(QUESTION.length());
        if (bucket.key(address).filter(BucketLayout::isWheel).isEmpty()) {
            return "unsigned this is no wheel in the bucket of the agent, " + bucket + "\n";
        }
        return switch (signer.apply(URI.create(address))) {
            case Signing.Signed signed -> {
                var lines = new StringBuilder("signed\n");
                signed.fields()
                        .forEach((name, value) ->
                                lines.append(name).append(": ").append(value).append('\n'));
                yield lines.append('\n').toString();
            }
            case Signing.Unsigned unsigned -> "unsigned the agent signs nothing: " + unsigned.reason() + "\n";
            case Signing.Failed failed -> "failed " + failed.reason() + "\n";
        };
    }

    private static void leave(SelectionKey key) {
        try {
            key.cancel();
            key.channel().close();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** Nobody is answered any more. The mirror goes on with what it has, and with what may be read without a signature. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(place);
        door.close();
        selector.wakeup();
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
