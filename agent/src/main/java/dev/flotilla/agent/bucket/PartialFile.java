package dev.flotilla.agent.bucket;

import dev.flotilla.agent.disk.Disk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * An object on its way to disk: what has come of it, and in a file beside it of which version of the object that is. It outlives
 * the process, and nothing of it is believed: a power cut may leave zeros, so whoever has the whole of it verifies the whole.
 */
public record PartialFile(Path path) {
    /** A tag of S3 has 34 characters; what is longer than this was not written by us. */
    private static final int LONGEST_TAG = 1024;

    /** What has come so far. */
    public long length() throws IOException {
        try {
            return Files.size(path);
        } catch (NoSuchFileException none) {
            return 0;
        }
    }

    /** The version that it is a part of, where a part of one is there. */
    Optional<ETag> begun() throws IOException {
        if (length() == 0) {
            return Optional.empty();
        }
        try {
            String tag = Files.size(tag()) > LONGEST_TAG ? "" : Files.readString(tag());
            return tag.isEmpty() ? Optional.empty() : Optional.of(new ETag(tag));
        } catch (NoSuchFileException | IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }

    /** Begins anew with this version. The old part goes first: it must never be taken for one of the new version. */
    void begin(ETag version) throws IOException {
        remove();
        Disk.replace(tag(), version.value().getBytes(StandardCharsets.UTF_8));
    }

    /** Goes on at the end of what is there. */
    OutputStream end() throws IOException {
        return Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Removes it; nothing happens where there is none. */
    public void remove() throws IOException {
        Files.deleteIfExists(path);
        Files.deleteIfExists(tag());
    }

    /** The names of its files. */
    public List<String> names() {
        return List.of(String.valueOf(path.getFileName()), String.valueOf(tag().getFileName()));
    }

    private Path tag() {
        return path.resolveSibling(path.getFileName() + ".etag");
    }
}
