package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobStoreTest {
    @TempDir
    Path folder;

    private Store open(long budget) throws IOException {
        return Store.open(folder, new StoreLimits(new ByteSize(budget), ByteSize.ofMiB(1)), new SimpleMeterRegistry());
    }

    static byte[] content(int size, int seed) {
        var content = new byte[size];
        new Random(seed).nextBytes(content);
        return content;
    }

    static Expected expecting(byte[] content) {
        return new Expected(OptionalLong.of(content.length), Optional.of(Sha256.of(content)), Optional.empty());
    }

    private static FilePath path(String name) {
        return new FilePath.ByBlake2b("ab".repeat(32), name, false);
    }

    private static Verdict put(Store store, Expected expected, byte[] content) throws IOException {
        try (Intake intake = store.blobs().begin(expected)) {
            intake.write(content, 0, content.length);
            return intake.commit();
        }
    }

    private static StoredFile keep(Store store, byte[] content) throws IOException {
        return ((Verdict.Committed) put(store, expecting(content), content)).file();
    }

    private List<Path> filesBelow(String part) throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve(part))) {
            return all.filter(file -> Files.isRegularFile(file) || Files.isSymbolicLink(file))
                    .toList();
        }
    }

    @Test
    void aRightFileIsKeptUnderItsDigestAndFoundAfterARestart() throws IOException {
        byte[] content = content(10_000, 1);
        try (var store = open(1 << 20)) {
            StoredFile file = keep(store, content);
            assertThat(Files.readAllBytes(file.path())).isEqualTo(content);
            store.blobs().learn(path("harbour-1.0.tar.gz"), file);
            file.release();
        }
        try (var store = open(1 << 20);
                StoredFile file = store.blobs().find(path("harbour-1.0.tar.gz")).orElseThrow()) {
            assertThat(file.digest()).isEqualTo(Sha256.of(content));
            assertThat(file.size()).isEqualTo(10_000);
            assertThat(store.blobs().find(path("harbour-1.1.tar.gz"))).isEmpty();
            assertThat(store.blobs().figures().held()).isEqualTo(new ByteSize(12_288));
        }
    }

    @Test
    void aWrongFileIsNeverKept() throws IOException {
        byte[] content = content(10_000, 1);
        byte[] flipped = content.clone();
        flipped[9_999] ^= 1;
        try (var store = open(1 << 20)) {
            for (byte[] wrong : List.of(flipped, Arrays.copyOf(content, 9_999), Arrays.copyOf(content, 10_001))) {
                assertThat(put(store, expecting(content), wrong)).isInstanceOf(Verdict.Refused.class);
            }
            var otherBlake2b =
                    new Expected(OptionalLong.empty(), Optional.of(Sha256.of(content)), Optional.of("0".repeat(64)));
            assertThat(put(store, otherBlake2b, content)).isInstanceOf(Verdict.Refused.class);
            assertThat(filesBelow("blobs")).isEmpty();
            assertThat(store.blobs().figures().held().bytes()).isZero();
        }
    }

    @Test
    void aFileThatWasKilledBeforeItsCommitLeavesNothingAfterTheNextStart() throws Exception {
        var killed = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        folder.toString())
                .inheritIO()
                .start();
        assertThat(killed.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(killed.exitValue()).isEqualTo(KilledWriter.EXIT);
        assertThat(filesBelow("temporary").stream()
                        .filter(file -> file.toString().endsWith(".part")))
                .hasSize(1);
        try (var store = open(1 << 20)) {
            assertThat(filesBelow("blobs")).isEmpty();
            assertThat(filesBelow("temporary").stream()
                            .filter(file -> file.toString().endsWith(".part")))
                    .isEmpty();
            assertThat(store.blobs().figures().entries()).isZero();
        }
    }

    @Test
    void whatAnotherRunningProcessHasNotFinishedIsLeftAlone() throws IOException {
        byte[] content = content(5_000, 7);
        try (var first = open(1 << 20);
                Intake intake = first.blobs().begin(expecting(content))) {
            intake.write(content, 0, content.length);
            try (var second = open(1 << 20)) {
                assertThat(second.blobs().figures().entries()).isZero();
            }
            assertThat(intake.commit()).isInstanceOf(Verdict.Committed.class);
        }
    }

    @Test
    void theBudgetIsNeverExceededAndWhatIsHeldStays() throws IOException {
        try (var store = open(100_000)) {
            byte[] pinned = content(20_000, 0);
            StoredFile held = keep(store, pinned);
            for (int i = 1; i < 100; i++) {
                keep(store, content(15_000, i)).release();
                assertThat(store.blobs().figures().held().bytes()).isLessThanOrEqualTo(100_000);
            }
            assertThat(Files.readAllBytes(held.path())).isEqualTo(pinned);
            assertThat(filesBelow("blobs").size())
                    .isEqualTo((int) store.blobs().figures().entries());
            held.release();
        }
    }

    @Test
    void aFileThatCannotFitIsRefusedBeforeItComes() throws IOException {
        try (var store = open(100_000)) {
            StoredFile held = keep(store, content(60_000, 1));
            var large = new Expected(OptionalLong.of(200_000), Optional.of(Sha256.of(new byte[1])), Optional.empty());
            var second = new Expected(OptionalLong.of(60_000), Optional.of(Sha256.of(new byte[1])), Optional.empty());
            assertThatThrownBy(() -> store.blobs().begin(large)).isInstanceOf(NoRoom.class);
            assertThatThrownBy(() -> store.blobs().begin(second)).isInstanceOf(NoRoom.class);
            held.release();
            Intake intake = store.blobs().begin(second);
            intake.discard();
            intake.close();
            assertThat(store.blobs().figures().held().bytes()).isZero();
        }
    }

    @Test
    void aFileOfUnknownSizeTakesRoomAsItGrows() throws IOException {
        byte[] content = content(50_000, 3);
        var expected = new Expected(OptionalLong.empty(), Optional.of(Sha256.of(content)), Optional.empty());
        try (var store = open(20 << 20)) {
            assertThat(put(store, expected, content)).isInstanceOf(Verdict.Committed.class);
            assertThat(store.blobs().figures().held()).isEqualTo(new ByteSize(53_248));
        }
    }

    @Test
    void pathsLeaveWithTheFileThatTheyLeadTo() throws IOException {
        try (var store = open(100_000)) {
            StoredFile file = keep(store, content(60_000, 1));
            store.blobs().learn(path("harbour-1.0.tar.gz"), file);
            file.release();
            assertThat(filesBelow("paths")).hasSize(1);
            keep(store, content(70_000, 2)).release();
            assertThat(store.blobs().find(path("harbour-1.0.tar.gz"))).isEmpty();
            assertThat(filesBelow("paths")).isEmpty();
        }
    }

    @Test
    void aSmallerBudgetEvictsAtTheStart() throws IOException {
        try (var store = open(1 << 20)) {
            for (int i = 0; i < 10; i++) {
                keep(store, content(50_000, i)).release();
            }
        }
        try (var store = open(200_000)) {
            assertThat(store.blobs().figures().held().bytes()).isLessThanOrEqualTo(200_000);
            assertThat(filesBelow("blobs").size())
                    .isEqualTo((int) store.blobs().figures().entries());
            assertThat(store.blobs().figures().entries()).isEqualTo(3);
        }
    }

    @Test
    void aFileThatCannotBeReadIsDroppedAndMayComeAgain() throws IOException {
        byte[] content = content(5_000, 1);
        try (var store = open(1 << 20)) {
            StoredFile file = keep(store, content);
            Files.delete(file.path());
            file.reportUnreadable();
            file.release();
            assertThat(store.blobs().find(Sha256.of(content))).isEmpty();
            assertThat(store.blobs().figures().held().bytes()).isZero();
            keep(store, content).release();
            assertThat(store.blobs().find(Sha256.of(content))).isPresent();
        }
    }

    @Test
    void readersOfAGrowingFileKeepReadingAfterItsCommitAndItsEviction() throws IOException {
        byte[] content = content(60_000, 1);
        try (var store = open(100_000)) {
            Intake intake = store.blobs().begin(expecting(content));
            intake.write(content, 0, content.length);
            assertThat(intake.use()).isTrue();
            ((Verdict.Committed) intake.commit()).file().release();
            intake.close();
            keep(store, content(70_000, 2)).release();
            var buffer = ByteBuffer.allocate(60_000);
            intake.read(buffer, 0);
            assertThat(buffer.array()).isEqualTo(content);
            intake.close();
            assertThat(intake.use()).isFalse();
        }
    }

    @Test
    void manyThreadsThatCommitAndEvictKeepTheAccountRight() throws Exception {
        try (var store = open(300_000)) {
            var threads = new ArrayList<Thread>();
            var failures = new ArrayList<Throwable>();
            for (int t = 0; t < 8; t++) {
                int seed = t;
                threads.add(Thread.ofVirtual().start(() -> {
                    try {
                        for (int i = 0; i < 40; i++) {
                            byte[] content = content(10_000 + i % 7, (seed + i) % 30);
                            put(store, expecting(content), content);
                            store.blobs().find(Sha256.of(content)).ifPresent(StoredFile::release);
                        }
                    } catch (IOException | RuntimeException failed) {
                        synchronized (failures) {
                            failures.add(failed);
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            // Every verdict holds its file: nothing could be evicted, so what doesn't fit was refused and nothing else.
            assertThat(failures).allSatisfy(failed -> assertThat(failed).isInstanceOf(NoRoom.class));
            long onDisk = 0;
            for (Path file : filesBelow("blobs")) {
                onDisk += Budget.onDisk(Files.size(file));
            }
            assertThat(store.blobs().figures().held().bytes()).isEqualTo(onDisk).isLessThanOrEqualTo(300_000);
        }
    }

    @Test
    void aFolderOfAnotherFormatIsRefused() throws IOException {
        Files.writeString(folder.resolve("format"), "flotilla store 99\n");
        assertThatThrownBy(() -> open(1 << 20)).isInstanceOf(IOException.class).hasMessageContaining("store 99");
    }
}
