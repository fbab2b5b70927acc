package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.simple.ProvenancePath;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PageStoreTest {
    private static final PageKey HARBOUR = new PageKey.Project(new ProjectName("harbour"));
    private static final PageKey ROOT = new PageKey.RootList();
    private static final PageKey PROVENANCE =
            new PageKey.Provenance(ProvenancePath.of(new ProjectName("harbour"), "Harbour-1.0+x-py3-none-any.whl")
                    .orElseThrow());

    @TempDir
    Path folder;

    private Store open(long budget) throws IOException {
        return Store.open(folder, new StoreLimits(ByteSize.ofMiB(1), new ByteSize(budget)), new SimpleMeterRegistry());
    }

    static StoredPage page(int size) {
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
            assertThat(store.pages().write(PROVENANCE, page(3_000))).isTrue();
            requireSame(store.pages().read(HARBOUR), page(5_000));
        }
        try (var store = open(1 << 20)) {
            requireSame(store.pages().read(HARBOUR), page(5_000));
            requireSame(store.pages().read(ROOT), page(6_000));
            requireSame(store.pages().read(PROVENANCE), page(3_000));
            assertThat(store.pages().figures().entries()).isEqualTo(3);
            assertThat(store.pages().write(HARBOUR, page(7_000))).isTrue();
            requireSame(store.pages().read(HARBOUR), page(7_000));
            store.pages().remove(HARBOUR);
            store.pages().remove(ROOT);
            store.pages().remove(PROVENANCE);
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

    private static PageKey key(int number) {
        return new PageKey.Project(new ProjectName("project-" + number));
    }

    private static boolean isPurged(Store store, PageKey key) throws IOException {
        return store.pages().read(key).orElseThrow().purged();
    }

    @Test
    void aMarkedPageIsKeptAndSaysSoAlsoAfterARestart() throws IOException {
        try (var store = open(1 << 22)) {
            for (int i = 0; i < 100; i++) {
                store.pages().write(key(i), page(100 + i));
            }
            store.pages().write(ROOT, page(6_000));
            var held = store.pages().figures();
            var purge = store.pages().purge(key -> !key.equals(key(7)), PagePurge.Extent.MARK);
            assertThat(isPurged(store, key(3))).isTrue();
            assertThat(purge.carryOut()).isEqualTo(new PagePurge.Done(100, 0));
            assertThat(isPurged(store, key(3))).isTrue();
            assertThat(isPurged(store, key(7))).isFalse();
            assertThat(store.pages().figures()).isEqualTo(held);
        }
        try (var store = open(1 << 22)) {
            assertThat(isPurged(store, ROOT)).isTrue();
            assertThat(isPurged(store, key(3))).isTrue();
            assertThat(isPurged(store, key(7))).isFalse();
            requireSame(store.pages().read(key(3)).map(PageStoreTest::unmarked), page(103));
            store.pages().write(key(3), page(50));
            assertThat(isPurged(store, key(3))).isFalse();
        }
    }

    private static StoredPage unmarked(StoredPage page) {
        return new StoredPage(
                page.body(),
                page.form(),
                page.location(),
                page.validators(),
                page.lifetime(),
                page.serial(),
                page.upstream(),
                page.fetched());
    }

    @Test
    void whatIsPurgedHardIsGoneAtOnceAndTheBooksAreRight() throws IOException {
        try (var store = open(1 << 22)) {
            for (int i = 0; i < 50; i++) {
                store.pages().write(key(i), page(5_000));
            }
            var purge = store.pages().purge(key -> !key.equals(key(7)), PagePurge.Extent.DELETE);
            assertThat(store.pages().read(key(3))).isEmpty();
            assertThat(purge.carryOut()).isEqualTo(new PagePurge.Done(49, 0));
            assertThat(store.pages().read(key(3))).isEmpty();
            requireSame(store.pages().read(key(7)), page(5_000));
            assertThat(store.pages().figures().entries()).isEqualTo(1);
            assertThat(store.pages().figures().held().bytes()).isEqualTo(8_192);
        }
    }

    @ParameterizedTest
    @EnumSource(PagePurge.Extent.class)
    void whatIsWrittenWhileAPurgeRunsIsSpared(PagePurge.Extent extent) throws IOException {
        try (var store = open(1 << 22)) {
            store.pages().write(HARBOUR, page(5_000));
            store.pages().write(ROOT, page(5_000));
            var purge = store.pages().purge(key -> true, extent);
            store.pages().write(HARBOUR, page(6_000));
            requireSame(store.pages().read(HARBOUR), page(6_000));
            assertThat(purge.carryOut()).isEqualTo(new PagePurge.Done(1, 0));
            requireSame(store.pages().read(HARBOUR), page(6_000));
            assertThat(store.pages().purge(key -> true, extent).carryOut())
                    .isEqualTo(new PagePurge.Done(extent == PagePurge.Extent.MARK ? 2 : 1, 0));
        }
    }
}
