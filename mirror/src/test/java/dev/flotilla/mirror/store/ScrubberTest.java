package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScrubberTest {
    private static final ByteSize FAST = ByteSize.ofGiB(1);

    @TempDir
    Path folder;

    private SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private Store open(ByteSize perSecond) throws IOException {
        meters = new SimpleMeterRegistry();
        return Store.open(folder, Fixture.LIMITS.withScrubbing(perSecond), meters);
    }

    private double count(String name, String... tags) {
        return meters.get("flotilla.store.scrub." + name).tags(tags).counter().count();
    }

    private Path blob(Sha256 digest) throws IOException {
        return Layout.of(folder).blob(DigestKey.of(digest));
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[at] ^= 1;
        Files.write(file, content);
    }

    @Test
    void whatTheDiskHasChangedIsDroppedWithItsLinksAndItsRoom() throws IOException {
        Sha256 flipped;
        Sha256 shortened;
        Sha256 right;
        try (var store = open(new ByteSize(0))) {
            flipped = Fixture.keep(store, "harbour", 20_000, 1);
            shortened = Fixture.keep(store, "harbour", 20_000, 2);
            right = Fixture.keep(store, "harbour", 20_000, 3);
        }
        flip(blob(flipped), 19_999);
        Files.write(blob(shortened), BlobStoreTest.content(19_999, 2));
        try (var store = open(FAST)) {
            await().until(() -> count("passes") >= 1);
            assertThat(store.blobs().find(flipped)).isEmpty();
            assertThat(store.blobs().seek(Fixture.path("harbour", 2))).isEmpty();
            assertThat(store.blobs().find(right)).isPresent();
            assertThat(store.blobs().figures().held()).isEqualTo(new ByteSize(Budget.onDisk(20_000)));
            assertThat(count("damaged", "part", "files")).isEqualTo(2);
            assertThat(count("bytes")).isGreaterThanOrEqualTo(60_000);
        }
        StoreCheck.requireRight(folder, Fixture.LIMITS);
    }

    @Test
    void aPageThatTheDiskHasChangedIsDropped() throws IOException {
        var keys = List.of(
                new PageKey.RootList(),
                new PageKey.Project(new ProjectName("harbour")),
                new PageKey.Project(new ProjectName("lantern")));
        try (var store = open(new ByteSize(0))) {
            for (PageKey key : keys) {
                store.pages().write(key, PageStoreTest.page(5_000));
            }
        }
        Layout layout = Layout.of(folder);
        flip(layout.page(keys.get(0)), 3_000);
        flip(layout.page(keys.get(1)), 0);
        try (var store = open(FAST)) {
            await().until(() -> count("passes") >= 1);
            assertThat(layout.page(keys.get(0))).doesNotExist();
            assertThat(layout.page(keys.get(1))).doesNotExist();
            assertThat(store.pages().read(keys.get(2))).isPresent();
            assertThat(count("damaged", "part", "pages")).isEqualTo(2);
            assertThat(store.pages().figures().entries()).isEqualTo(1);
        }
        StoreCheck.requireRight(folder, Fixture.LIMITS);
    }

    @Test
    void aRightStoreLosesNothing() throws IOException {
        try (var store = open(FAST)) {
            for (int i = 0; i < 20; i++) {
                Fixture.keep(store, "harbour", 1_000 * i, i);
            }
            await().until(() -> count("passes") >= 2);
            assertThat(count("damaged", "part", "files")).isZero();
        }
        StoreCheck.requireRight(folder, Fixture.LIMITS);
    }

    @Test
    void itGoesOnAfterARestartWhereItWas() throws IOException {
        List<Sha256> late = new ArrayList<>();
        Optional<Sha256> early = Optional.empty();
        try (var store = open(new ByteSize(0))) {
            for (int seed = 0; late.size() < 2 || early.isEmpty(); seed++) {
                if (isLate(BlobStoreTest.content(400, seed))) {
                    late.add(Fixture.keep(store, "harbour", 400, seed));
                }
                if (early.isEmpty() && !isLate(BlobStoreTest.content(80_000, seed))) {
                    early = Optional.of(Fixture.keep(store, "lantern", 80_000, seed));
                }
            }
        }
        Files.writeString(folder.resolve("scrub"), "7" + "f".repeat(63) + "\n");
        late.add(early.orElseThrow());
        for (Sha256 digest : late) {
            flip(blob(digest), 0);
        }
        // Small ones behind where it was, and before it one that takes minutes.
        try (var store = open(ByteSize.ofKiB(4))) {
            await().until(() -> count("damaged", "part", "files") >= 2);
            assertThat(late.stream().map(digest -> store.blobs().find(digest).isPresent()))
                    .containsExactly(false, false, true);
        }
    }

    private static boolean isLate(byte[] content) {
        return Sha256.of(content).hex().charAt(0) >= '8';
    }

    @Test
    void itKeepsToItsRate() throws IOException {
        try (var store = open(new ByteSize(0))) {
            Fixture.keep(store, "harbour", 90_000, 1);
        }
        long start = System.nanoTime();
        try (var store = open(ByteSize.ofKiB(32))) {
            await().atMost(Duration.ofMinutes(1)).until(() -> count("passes") >= 1);
            assertThat(count("bytes")).isEqualTo(90_000);
            assertThat(System.nanoTime() - start).isGreaterThan((long) (90_000 / 32_768.0 * 1e9));
            assertThat(store.blobs().figures().entries()).isEqualTo(1);
        }
    }
}
