package dev.flotilla.mirror.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which path has which blob, on disk. One symbolic link each, whose text is the blob's digest in base64: that fits the
 * inode, so a link takes no block of its own, and is made in one step.
 */
final class Links {
    private static final Logger LOG = LoggerFactory.getLogger(Links.class);
    private static final int DIGEST_BYTES = 32;

    private final Layout layout;

    Links(Layout layout) {
        this.layout = layout;
    }

    /** What to do with the links that are read. */
    interface Reader {
        /** Whether this path is known, so that its link needn't be read. */
        boolean knows(PathKey path);

        /** Whether the link is still of use; it is deleted otherwise. */
        boolean read(PathKey path, DigestKey digest) throws IOException;
    }

    /** Reads every link that isn't known; those that say nothing or are of no use are deleted. */
    void forEach(Reader reader, BooleanSupplier over) throws IOException {
        for (Path folder : Inventory.entries(layout.paths())) {
            if (over.getAsBoolean()) {
                return;
            }
            for (Path link : Inventory.entries(folder)) {
                Optional<PathKey> path = PathKey.ofName("" + folder.getFileName() + link.getFileName());
                if (path.isPresent() && reader.knows(path.get())) {
                    continue;
                }
                Optional<DigestKey> digest = digest(link);
                if (path.isEmpty() || digest.isEmpty() || !reader.read(path.get(), digest.get())) {
                    Files.deleteIfExists(link);
                }
            }
        }
    }

    /** Which blob {@code path} has, as the disk says. */
    Optional<DigestKey> read(PathKey path) throws IOException {
        return digest(layout.link(path));
    }

    private static Optional<DigestKey> digest(Path link) throws IOException {
        try {
            byte[] raw = Base64.getUrlDecoder()
                    .decode(Files.readSymbolicLink(link).toString().getBytes(StandardCharsets.US_ASCII));
            return raw.length == DIGEST_BYTES ? DigestKey.ofName(HexFormat.of().formatHex(raw)) : Optional.empty();
        } catch (NoSuchFileException | NotLinkException | IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    void write(PathKey path, DigestKey digest) throws IOException {
        Path link = layout.link(path);
        Files.createDirectories(Layout.parent(link));
        String text = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(HexFormat.of().parseHex(digest.sha256().hex()));
        try {
            Files.createSymbolicLink(link, Path.of(text));
        } catch (FileAlreadyExistsException there) {
            if (!digest(link).equals(Optional.of(digest))) {
                Files.deleteIfExists(link);
                Files.createSymbolicLink(link, Path.of(text));
            }
        }
    }

    void remove(PathKey path) {
        try {
            Files.deleteIfExists(layout.link(path));
        } catch (IOException stays) {
            LOG.warn("can't delete {}: {}", layout.link(path), stays.toString());
        }
    }
}
