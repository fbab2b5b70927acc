package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A check of a whole store that nobody has open. */
public final class StoreCheck {
    private StoreCheck() {}

    /**
     * Opens the store as a process would that starts next, and looks at every byte: each blob is what its name says, the budget
     * holds and is what the disk says, no link leads nowhere, nothing unfinished is left.
     */
    public static void requireRight(Path folder, StoreLimits limits) throws IOException {
        try (var store = Store.open(folder, limits, new SimpleMeterRegistry())) {
            long files = 0;
            for (Path blob : filesBelow(folder.resolve("blobs"))) {
                String name = "" + Layout.parent(blob).getFileName() + blob.getFileName();
                assertThat(Sha256.of(Files.readAllBytes(blob)).hex()).isEqualTo(name);
                files += Budget.onDisk(Files.size(blob));
            }
            long pages = 0;
            for (Path page : filesBelow(folder.resolve("pages"))) {
                assertThat(PageFormat.decode(new ByteArrayInputStream(Files.readAllBytes(page)), Files.size(page)))
                        .as(page.toString())
                        .isPresent();
                pages += Budget.onDisk(Files.size(page));
            }
            assertThat(store.blobs().figures().held())
                    .isEqualTo(new ByteSize(files))
                    .isLessThanOrEqualTo(limits.files());
            assertThat(store.pages().figures().held())
                    .isEqualTo(new ByteSize(pages))
                    .isLessThanOrEqualTo(limits.pages());
            var links = new Links(Layout.of(folder));
            for (Path link : filesBelow(folder.resolve("paths"))) {
                String name = "" + Layout.parent(link).getFileName() + link.getFileName();
                Optional<DigestKey> digest = links.read(PathKey.ofName(name).orElseThrow());
                assertThat(store.blobs().find(digest.orElseThrow().sha256()))
                        .as(link.toString())
                        .isPresent();
            }
        }
        assertThat(filesBelow(folder.resolve("temporary"))).isEmpty();
    }

    static List<Path> filesBelow(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> Files.isRegularFile(file) || Files.isSymbolicLink(file))
                    .toList();
        }
    }
}
