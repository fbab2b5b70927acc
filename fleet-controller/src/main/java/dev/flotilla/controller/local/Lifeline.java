package dev.flotilla.controller.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * What ties children to this process: a FIFO that this process alone holds open for writing, and that children have as
 * their standard input. It ends for them when this process lets go of it or dies, in whatever way, since the system closes
 * it then. Thread-safe.
 */
final class Lifeline implements AutoCloseable {
    private static final int MKFIFO_SECONDS = 10;

    private final Path fifo;
    private final FileChannel held;

    private Lifeline(Path fifo, FileChannel held) {
        this.fifo = fifo;
        this.held = held;
    }

    /** Makes the FIFO, in place of what an earlier process may have left there, and holds it. */
    static Lifeline hold(Path fifo) throws IOException {
        Files.deleteIfExists(fifo);
        make(fifo);
        // Open for both ways: opening a FIFO for writing alone waits for a reader.
        return new Lifeline(fifo, FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** The children's standard input. */
    ProcessBuilder.Redirect input() {
        return ProcessBuilder.Redirect.from(fifo.toFile());
    }

    /** Lets go: whoever reads it comes to its end now. */
    @Override
    public void close() throws IOException {
        held.close();
        Files.deleteIfExists(fifo);
    }

    private static void make(Path fifo) throws IOException {
        Process mkfifo = new ProcessBuilder("mkfifo", "-m", "600", fifo.toString())
                .redirectErrorStream(true)
                .start();
        try {
            if (!mkfifo.waitFor(MKFIFO_SECONDS, TimeUnit.SECONDS) || mkfifo.exitValue() != 0) {
                mkfifo.destroyForcibly();
                throw new IOException(
                        "mkfifo " + fifo + " failed: " + mkfifo.inputReader().readLine());
            }
        } catch (InterruptedException interrupted) {
            mkfifo.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while making " + fifo, interrupted);
        }
    }
}
