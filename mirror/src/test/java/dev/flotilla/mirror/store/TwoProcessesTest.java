package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One store that several processes have open, as during an upgrade. */
class TwoProcessesTest {
    private static final StoreLimits LIMITS = new StoreLimits(new ByteSize(100_000), ByteSize.ofMiB(1));

    @TempDir
    Path folder;

    private Store open() throws IOException {
        return Store.open(folder, LIMITS, new SimpleMeterRegistry());
    }

    private static Sha256 keep(Store store, int size, int seed) throws IOException {
        byte[] content = BlobStoreTest.content(size, seed);
        var expected = new Expected(OptionalLong.of(size), Optional.of(Sha256.of(content)), Optional.empty());
        try (Intake intake = store.blobs().begin(expected)) {
            intake.write(content, 0, size);
            StoredFile file = ((Verdict.Committed) intake.commit()).file();
            store.blobs().learn(path(seed), file);
            file.release();
            return file.digest();
        }
    }

    private static FilePath path(int seed) {
        return new FilePath.ByBlake2b("%064x".formatted(seed), "harbour-" + seed + ".tar.gz", false);
    }

    private static long held(Store store) {
        return store.blobs().figures().held().bytes();
    }

    @Test
    void whatOneProcessCommitsTheOtherFindsOnDisk() throws IOException {
        try (var first = open();
                var second = open()) {
            Sha256 digest = keep(first, 10_000, 1);
            assertThat(second.blobs().find(path(1))).isEmpty();
            try (StoredFile file = second.blobs().seek(path(1)).orElseThrow()) {
                assertThat(file.digest()).isEqualTo(digest);
                assertThat(Files.readAllBytes(file.path())).isEqualTo(BlobStoreTest.content(10_000, 1));
            }
            assertThat(second.blobs().find(path(1))).isPresent();
            assertThat(second.blobs().seek(path(2))).isEmpty();
            assertThat(second.blobs().seek(Sha256.of(new byte[1]))).isEmpty();
        }
    }

    @Test
    void whoIsAloneAndHasReadTheFoldersKnowsAll() throws IOException {
        try (var first = open()) {
            keep(first, 10_000, 1);
        }
        try (var first = open()) {
            await().until(first.blobs()::knowsAll);
            assertThat(first.blobs().find(path(1))).isPresent();
            try (var second = open()) {
                await().until(() -> !first.blobs().knowsAll());
                assertThat(second.blobs().knowsAll()).isFalse();
                keep(second, 20_000, 2);
            }
            await().until(first.blobs()::knowsAll);
            assertThat(first.blobs().find(path(2))).isPresent();
        }
    }

    @Test
    void whoHasMoreFilesThanItsBooksHoldDoesNotKnowAll() throws IOException {
        try (var store = Store.open(folder, LIMITS.withMostFiles(1), new SimpleMeterRegistry())) {
            await().until(store.blobs()::knowsAll);
            keep(store, 10_000, 1);
            assertThat(store.blobs().knowsAll()).isFalse();
        }
    }

    @Test
    void bothTakeFromOneBudget() throws IOException {
        try (var first = open();
                var second = open()) {
            keep(first, 30_000, 1);
            keep(second, 20_000, 2);
            keep(second, 30_000, 1);
            assertThat(held(second)).isEqualTo(Budget.onDisk(30_000) + Budget.onDisk(20_000));
            assertThat(StoreCheck.filesBelow(folder.resolve("blobs"))).hasSize(2);
        }
        StoreCheck.requireRight(folder, LIMITS);
    }

    @Test
    void theOneThatMayNotEvictIsGivenRoomByTheOther() throws IOException {
        try (var first = open();
                var second = open()) {
            keep(first, 50_000, 1);
            keep(first, 40_000, 2);
            assertThatThrownBy(() -> keep(second, 20_000, 3)).isInstanceOf(NoRoom.class);
            assertThat(second.blobs().figures().evicted()).isZero();
            await().until(() -> held(first) <= 80_000);
            keep(second, 20_000, 3);
        }
        StoreCheck.requireRight(folder, LIMITS);
    }

    @Test
    void whatTheOtherHasEvictedIsAMissAndMayComeAgain() throws IOException {
        try (var first = open();
                var second = open()) {
            Sha256 digest = keep(first, 60_000, 1);
            second.blobs().seek(path(1)).orElseThrow().release();
            keep(first, 70_000, 2);
            try (StoredFile file = second.blobs().find(path(1)).orElseThrow()) {
                assertThat(file.path()).doesNotExist();
                file.reportUnreadable();
            }
            assertThat(second.blobs().find(path(1))).isEmpty();
            assertThat(second.blobs().seek(digest)).isEmpty();
            await().until(() -> held(second) == Budget.onDisk(70_000));
            await().ignoreExceptions().until(() -> keep(second, 60_000, 1).equals(digest));
            assertThat(second.blobs().find(path(1))).isPresent();
        }
        StoreCheck.requireRight(folder, LIMITS);
    }

    @Test
    void whatWasEvictedElsewhereAndComesAgainCountsOnce() throws IOException {
        try (var first = open();
                var second = open()) {
            keep(first, 60_000, 1);
            second.blobs().seek(path(1)).orElseThrow().release();
            keep(first, 70_000, 2);
            await().ignoreExceptions()
                    .until(() -> !keep(second, 60_000, 1).hex().isEmpty());
        }
        StoreCheck.requireRight(folder, LIMITS);
    }

    @Test
    void whatOneDeletedThatHasEndedIsGivenBackOnce() throws IOException {
        try (var first = open()) {
            try (var second = open()) {
                keep(first, 40_000, 1);
                keep(first, 30_000, 2);
                StoredFile file = second.blobs().seek(path(1)).orElseThrow();
                file.reportUnreadable();
                file.release();
                await().until(() -> held(first) == Budget.onDisk(30_000));
            }
            try (StoredFile file = first.blobs().find(path(1)).orElseThrow()) {
                file.reportUnreadable();
            }
            assertThat(held(first)).isEqualTo(Budget.onDisk(30_000));
        }
    }

    @Test
    void whatWasDeletedByHandBesideAnotherProcessIsGivenBackWhenThatHasEnded() throws IOException {
        try (var first = open()) {
            try (var second = open()) {
                keep(first, 40_000, 1);
                try (StoredFile file = second.blobs().seek(path(1)).orElseThrow()) {
                    Files.delete(file.path());
                    file.reportUnreadable();
                }
            }
            await().until(() -> held(first) == 0);
            assertThat(first.blobs().find(path(1))).isEmpty();
        }
    }

    @Test
    void theOtherTakesOverWhenTheKeeperEndsAndKnowsWhatIsThere() throws IOException {
        try (var second = openBehind()) {
            await().until(() -> second.blobs().figures().entries() == 2);
            keep(second, 90_000, 3);
            assertThat(second.blobs().figures().evicted()).isEqualTo(2);
        }
        StoreCheck.requireRight(folder, LIMITS);
    }

    /** A store that was opened beside another one, which committed two files meanwhile and has ended. */
    private Store openBehind() throws IOException {
        try (var first = open()) {
            var second = open();
            keep(first, 40_000, 1);
            keep(first, 40_000, 2);
            return second;
        }
    }

    @Test
    void processesUnderMixedLoadOfWhichOneIsKilledLeaveARightStore() throws Exception {
        var neighbours = new ArrayList<Process>();
        try {
            for (int seed = 0; seed < 3; seed++) {
                neighbours.add(start(seed, 1_500));
                assertThat(neighbours.getLast().inputReader().readLine()).isEqualTo("begins");
            }
            // The first one keeps the store: the others have to go on, and one of them to take over.
            await().until(() -> StoreCheck.filesBelow(folder.resolve("blobs")).size() > 50);
            neighbours.getFirst().destroyForcibly().waitFor();
            for (Process neighbour : neighbours.subList(1, 3)) {
                assertThat(neighbour.waitFor(120, TimeUnit.SECONDS)).isTrue();
                assertThat(neighbour.exitValue())
                        .as(String.join("\n", neighbour.inputReader().readAllLines()))
                        .isZero();
            }
        } finally {
            for (Process neighbour : neighbours) {
                neighbour.destroyForcibly().waitFor();
            }
        }
        StoreCheck.requireRight(folder, BusyNeighbour.LIMITS);
    }

    private Process start(long seed, int rounds) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BusyNeighbour.class.getName(),
                        folder.toString(),
                        Long.toString(seed),
                        Integer.toString(rounds)))
                .redirectErrorStream(true)
                .start();
    }
}
