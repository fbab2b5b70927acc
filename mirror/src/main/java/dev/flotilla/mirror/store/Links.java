package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
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

    /** What to do with one link that was read. */
    interface Reader {
        /** Whether the link is still of use; it is deleted otherwise. */
        boolean read(PathKey path, Sha256 digest);
    }

    /** Reads every link; those that say nothing or are of no use are deleted. */
    void forEach(Reader reader) throws IOException {
        for (Path folder : Inventory.entries(layout.paths())) {
            for (Path link : Inventory.entries(folder)) {
                Optional<PathKey> path = PathKey.ofName("" + folder.getFileName() + link.getFileName());
                Optional<Sha256> digest = digest(link);
                if (path.isEmpty() || digest.isEmpty() || !reader.read(path.get(), digest.get())) {
                    Files.deleteIfExists(link);
                }
            }
        }
    }

    private static Optional<Sha256> digest(Path link) throws IOException {
        if (!Files.isSymbolicLink(link)) {
            return Optional.empty();
        }
        try {
            byte[] raw = Base64.getUrlDecoder()
                    .decode(Files.readSymbolicLink(link).toString().getBytes(StandardCharsets.US_ASCII));
            return raw.length == DIGEST_BYTES
                    ? Optional.of(new Sha256(HexFormat.of().formatHex(raw)))
                    : Optional.empty();
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    void write(PathKey path, Sha256 digest) throws IOException {
        Path link = layout.link(path);
        Files.createDirectories(Layout.parent(link));
        String text = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(HexFormat.of().parseHex(digest.hex()));
        try {
            Files.createSymbolicLink(link, Path.of(text));
        } catch (FileAlreadyExistsException outdated) {
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, Path.of(text));
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
