package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that has too many files to be read before it serves. {@code bench/large-store.py} has the same with a million. */
class LargeStoreTest {
    /** A million files have to stay below 250 MiB. */
    private static final double MOST_BYTES_PER_FILE = 250.0 * (1 << 20) / 1_000_000;

    private static final int FILES = 20_000;

    @TempDir
    Path folder;

    @Test
    void itServesAndTakesInBeforeItsFoldersAreRead() throws IOException {
        Sha256 old;
        try (var store = Store.open(folder, Fixture.LIMITS, new SimpleMeterRegistry())) {
            old = Fixture.keep(store, "harbour", 30_000, 1);
            Fixture.keep(store, "harbour", 30_000, 2);
        }
        var heldBack = new ArrayList<Runnable>();
        var around = new Store.Surroundings(heldBack::add, () -> Long.MAX_VALUE / 2);
        var store = Store.open(folder, Fixture.LIMITS, new SimpleMeterRegistry(), around);
        try {
            assertThat(store.blobs().figures().entries()).isZero();
            assertThat(store.blobs().figures().held()).isEqualTo(new ByteSize(2 * Budget.onDisk(30_000)));
            assertThat(store.blobs().find(Fixture.path("harbour", 1))).isEmpty();
            try (StoredFile file =
                    store.blobs().seek(Fixture.path("harbour", 1)).orElseThrow()) {
                assertThat(file.digest()).isEqualTo(old);
                assertThat(Files.readAllBytes(file.path())).isEqualTo(BlobStoreTest.content(30_000, 1));
            }
            Fixture.keep(store, "harbour", 30_000, 3);
            // Who has to leave isn't known yet, and what was asked for just now is the last that should.
            assertThatThrownBy(() -> Fixture.keep(store, "harbour", 30_000, 4)).isInstanceOf(NoRoom.class);
        } finally {
            for (Runnable work : heldBack) {
                Thread.ofPlatform().daemon().start(work);
            }
        }
        try (store) {
            await().until(() -> store.blobs().figures().entries() == 3);
            await().ignoreExceptionsInstanceOf(NoRoom.class)
                    .until(() -> Fixture.keep(store, "harbour", 30_000, 4) != null);
            assertThat(store.blobs().figures().evicted()).isEqualTo(1);
        }
        StoreCheck.requireRight(folder, Fixture.LIMITS);
    }

    /** Small ones, so that the budget isn't what they exceed. */
    @Test
    void whatTheBooksHaveNoMemoryForIsGivenOutAndCountsAndOthersLeaveForWhatComes() throws IOException {
        LargeStoreProbe.make(folder, 50);
        StoreLimits all = new StoreLimits(ByteSize.ofMiB(1), ByteSize.ofMiB(1));
        try (var store = Store.open(folder, all.withMostFiles(20), new SimpleMeterRegistry())) {
            var files = store.blobs();
            await().until(() -> files.figures().held().bytes() == 50 * Budget.onDisk(1));
            assertThat(files.figures().entries()).isEqualTo(20);
            for (int i = 0; i < 50; i++) {
                try (StoredFile file = files.seek(Fixture.path("harbour", i)).orElseThrow()) {
                    assertThat(Files.readString(file.path())).isEqualTo(Integer.toString(i));
                }
            }
            assertThat(files.figures().entries()).isEqualTo(20);
            for (int i = 0; i < 10; i++) {
                Fixture.keep(store, "ferry", 1_000, 100 + i);
            }
            assertThat(files.figures())
                    .isEqualTo(new StoreFigures(20, new ByteSize(50 * Budget.onDisk(1)), all.files(), 10));
            for (int i = 0; i < 50; i++) {
                files.seek(Fixture.path("harbour", i)).ifPresent(LargeStoreTest::spoil);
            }
            assertThat(files.figures().held().bytes())
                    .isEqualTo(StoreCheck.filesBelow(folder.resolve("blobs")).size() * Budget.onDisk(1));
        }
        StoreCheck.requireRight(folder, all);
    }

    private static void spoil(StoredFile file) {
        file.reportUnreadable();
        file.release();
    }

    @Test
    void aFileTakesLittleHeap(@TempDir Path small) throws Exception {
        LargeStoreProbe.make(folder, FILES);
        Process probe = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeStoreProbe.class.getName(),
                        folder.toString(),
                        small.resolve("store").toString(),
                        Integer.toString(FILES)))
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(probe.waitFor(120, TimeUnit.SECONDS)).isTrue();
            List<String> lines = probe.inputReader().readAllLines();
            assertThat(probe.exitValue()).as(String.join("\n", lines)).isZero();
            double bytesPerFile = Double.parseDouble(lines.getLast());
            assertThat(bytesPerFile).isBetween(50.0, MOST_BYTES_PER_FILE);
        } finally {
            probe.destroyForcibly().waitFor();
        }
    }
}
