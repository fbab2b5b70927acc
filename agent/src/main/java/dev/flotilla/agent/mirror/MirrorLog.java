package dev.flotilla.agent.mirror;

import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * What the mirror prints. The mirror holds the file open and appends to it, and must go on when the agent dies, so the file
 * is set aside by copying and emptied in its place; what is printed in between is lost.
 */
final class MirrorLog {
    private static final int TAIL_BYTES = 4096;

    private final Path file;
    private final Path setAside;
    private final ByteSize limit;

    MirrorLog(Path file, Path setAside, ByteSize limit) {
        this.file = file;
        this.setAside = setAside;
        this.limit = limit;
    }

    Path file() {
        return file;
    }

    /** Sets the log aside where it has grown beyond its limit. */
    void rotate() throws IOException {
        if (size() > limit.bytes()) {
            Files.copy(file, setAside, StandardCopyOption.REPLACE_EXISTING);
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(0);
            }
        }
    }

    long size() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** The last line that was printed behind {@code offset}, or nothing. */
    String lastLine(long offset) {
        try (var log = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(Math.min(offset, log.length()), log.length() - TAIL_BYTES);
            byte[] tail = new byte[(int) (log.length() - from)];
            log.seek(from);
            log.readFully(tail);
            return new String(tail, StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .reduce((earlier, later) -> later)
                    .orElse("");
        } catch (IOException unreadable) {
            return "";
        }
    }
}
