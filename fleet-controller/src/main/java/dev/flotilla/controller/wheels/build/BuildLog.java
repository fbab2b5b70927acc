package dev.flotilla.controller.wheels.build;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What was said while something was built: lines of ours, and what the sandbox said, of which no more comes than the limit of output. Control
 * characters of the sandbox's stand as they came: who shows a log to people shows it as text. Thread-safe.
 */
final class BuildLog implements AutoCloseable {
    private final Path file;
    private final OutputStream out;
    private boolean atLineBegin = true;

    BuildLog(Path file) throws IOException {
        this.file = file;
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        this.out = Files.newOutputStream(file);
    }

    Path file() {
        return file;
    }

    /** A line of ours. */
    synchronized void say(String line) throws IOException {
        if (!atLineBegin) {
            out.write('\n');
        }
        out.write(("-- " + line + "\n").getBytes(StandardCharsets.UTF_8));
        atLineBegin = true;
    }

    synchronized void write(byte[] said) throws IOException {
        out.write(said);
        if (said.length > 0) {
            atLineBegin = said[said.length - 1] == '\n';
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
