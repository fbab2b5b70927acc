package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.upstream.Validators;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageStoreTest {
    private static final PageKey HARBOUR = new PageKey.Project(new ProjectName("harbour"));
    private static final PageKey ROOT = new PageKey.RootList();

    @TempDir
    Path folder;

    private Store open(long budget) throws IOException {
        return Store.open(folder, new StoreLimits(ByteSize.ofMiB(1), new ByteSize(budget)), new SimpleMeterRegistry());
    }

    private static StoredPage page(int size) {
        return new StoredPage(
                BlobStoreTest.content(size, size),
                PageForm.HTML,
                URI.create("http://127.0.0.1:1/simple/harbour/"),
                new Validators(Optional.of("W/\"one\""), Optional.empty()),
                Optional.of(Duration.ofMinutes(10)),
                OptionalLong.of(17),
                "pypi",
                Instant.parse("2026-11-21T10:00:00Z"));
    }

    private Path file() throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("pages"))) {
            return all.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
    }

    private static void requireSame(Optional<StoredPage> found, StoredPage page) {
        assertThat(found).isPresent();
        assertThat(found.get()).usingRecursiveComparison().isEqualTo(page);
    }

    @Test
    void aPageIsReadAsItWasWrittenAlsoAfterARestart() throws IOException {
        try (var store = open(1 << 20)) {
            assertThat(store.pages().read(HARBOUR)).isEmpty();
            assertThat(store.pages().write(HARBOUR, page(5_000))).isTrue();
            assertThat(store.pages().write(ROOT, page(6_000))).isTrue();
            requireSame(store.pages().read(HARBOUR), page(5_000));
        }
        try (var store = open(1 << 20)) {
            requireSame(store.pages().read(HARBOUR), page(5_000));
            requireSame(store.pages().read(ROOT), page(6_000));
            assertThat(store.pages().figures().entries()).isEqualTo(2);
            assertThat(store.pages().write(HARBOUR, page(7_000))).isTrue();
            requireSame(store.pages().read(HARBOUR), page(7_000));
            store.pages().remove(HARBOUR);
            store.pages().remove(ROOT);
            assertThat(store.pages().read(HARBOUR)).isEmpty();
            assertThat(store.pages().figures().held().bytes()).isZero();
        }
    }

    @Test
    void aPageThatIsNotWholeCountsAsAbsent() throws IOException {
        try (var store = open(1 << 20)) {
            for (int cut : new int[] {0, 1, 31, 100, 5_000}) {
                store.pages().write(HARBOUR, page(5_000));
                byte[] content = Files.readAllBytes(file());
                Files.write(file(), Arrays.copyOf(content, cut));
                assertThat(store.pages().read(HARBOUR)).isEmpty();
            }
            store.pages().write(HARBOUR, page(5_000));
            byte[] content = Files.readAllBytes(file());
            content[2_000] ^= 1;
            Files.write(file(), content);
            assertThat(store.pages().read(HARBOUR)).isEmpty();
            assertThat(store.pages().figures().entries()).isZero();
        }
    }

    @Test
    void theBudgetHolds() throws IOException {
        try (var store = open(100_000)) {
            assertThat(store.pages().write(HARBOUR, page(200_000))).isFalse();
            for (int i = 0; i < 50; i++) {
                var key = new PageKey.Project(new ProjectName("project-" + i));
                assertThat(store.pages().write(key, page(10_000 + i))).isTrue();
                requireSame(store.pages().read(key), page(10_000 + i));
                assertThat(store.pages().figures().held().bytes()).isLessThanOrEqualTo(100_000);
            }
            assertThat(store.pages().figures().evicted()).isGreaterThan(40);
        }
    }
}
