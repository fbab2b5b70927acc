package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Reads the folder of a mirror's store as it lies on disk, with nothing of the mirror's own. */
final class StoreCheck {
    /** What may lie in the folder itself. */
    private static final Set<String> PARTS =
            Set.of("format", "keeper", "ledger", "scrub", "temporary", "blobs", "paths", "pages", "provenance", "pins");

    private final Path root;

    StoreCheck(Path root) {
        this.root = root;
    }

    /** Every blob is what its name says, and nothing else lies about but in the temporary folder. */
    void isSound() throws IOException {
        assertThat(names(root)).isSubsetOf(PARTS);
        for (Path blob : files("blobs")) {
            String digest = blob.getParent().getFileName().toString() + blob.getFileName();
            assertThat(Sha256.of(Files.readAllBytes(blob)).hex()).as("%s", blob).isEqualTo(digest);
        }
        for (Path link : files("paths")) {
            assertThat(link.getParent().getFileName().toString() + link.getFileName())
                    .matches("[0-9a-f]{32}");
            assertThat(Files.isSymbolicLink(link)).as("%s", link).isTrue();
            assertThat(Files.readSymbolicLink(link).toString()).as("%s", link).matches("[A-Za-z0-9_-]{43}");
        }
        for (Path page : files("pages")) {
            assertThat(page.getFileName().toString()).matches("[a-z0-9-]+");
        }
    }

    /** The whole files in it. */
    List<Path> blobs() throws IOException {
        return files("blobs");
    }

    /** The folders of unfinished files, one for each process that has one. */
    List<Path> unfinished() throws IOException {
        try (Stream<Path> entries = Files.list(root.resolve("temporary"))) {
            return entries.toList();
        }
    }

    private List<Path> files(String part) throws IOException {
        try (Stream<Path> below = Files.walk(root.resolve(part))) {
            return below.filter(path -> Files.isSymbolicLink(path) || !Files.isDirectory(path))
                    .toList();
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
