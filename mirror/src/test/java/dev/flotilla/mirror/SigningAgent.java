package dev.flotilla.mirror;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sits where an agent does that signs requests for wheels, and says what a test has it say. */
final class SigningAgent implements AutoCloseable {
    private final Path place;
    private final ServerSocketChannel door;
    private final List<String> questions = new CopyOnWriteArrayList<>();
    private final List<SocketChannel> kept = new CopyOnWriteArrayList<>();
    private volatile String answer;

    /** In the folder that agent and mirror know. */
    SigningAgent(Path keeper, String answer) throws IOException {
        this.place = keeper.resolve("signer");
        this.answer = answer;
        door = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(place));
        Thread.ofVirtual().start(this::serve);
    }

    /** From now on; nothing at all, and no end either, where it is empty. */
    void says(String text) {
        answer = text;
    }

    List<String> questions() {
        return List.copyOf(questions);
    }

    private void serve() {
        try {
            while (true) {
                SocketChannel visitor = door.accept();
                Thread.ofVirtual().start(() -> answer(visitor));
            }
        } catch (ClosedChannelException over) {
            // As asked.
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private void answer(SocketChannel visitor) {
        try {
            var heard = ByteBuffer.allocate(4096);
            while (heard.position() == 0 || heard.get(heard.position() - 1) != '\n') {
                if (visitor.read(heard) < 0) {
                    break;
                }
            }
            questions.add(StandardCharsets.US_ASCII.decode(heard.flip()).toString());
            if (answer.isEmpty()) {
                kept.add(visitor);
                return;
            }
            visitor.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
            visitor.close();
        } catch (IOException gone) {
            // The mirror didn't wait.
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (SocketChannel silent : kept) {
            silent.close();
        }
        Files.deleteIfExists(place);
    }
}
