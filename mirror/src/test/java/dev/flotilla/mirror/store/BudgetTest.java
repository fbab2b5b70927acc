package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one part of the store takes, with two processes that take from it: each has a ledger of its own on the same file. */
class BudgetTest {
    private static final ByteSize LIMIT = new ByteSize(100_000);
    private static final int SIZE = 10_000;
    private static final long ON_DISK = Budget.onDisk(SIZE);

    @TempDir
    Path folder;

    private Ledger here;
    private Ledger there;
    private Budget budget;
    private Budget other;
    private Path place;

    @BeforeEach
    void openLedgers() throws IOException {
        var layout = Layout.of(folder);
        layout.prepare();
        here = new Ledger(layout);
        there = new Ledger(layout);
        here.open();
        there.open();
        budget = new Budget(here, Ledger.Part.FILES, LIMIT);
        other = new Budget(there, Ledger.Part.FILES, LIMIT);
        place = folder.resolve("blobs").resolve("ab").resolve("cd");
    }

    @AfterEach
    void closeLedgers() throws IOException {
        here.close();
        there.close();
    }

    /** A finished file, with the room that it was promised. */
    private Path finished(Budget promising, String name) throws IOException {
        assertThat(promising.promise(ON_DISK)).isTrue();
        return Files.write(folder.resolve("temporary").resolve(name), new byte[SIZE]);
    }

    private long taken() throws IOException {
        budget.refresh();
        return budget.taken();
    }

    /** Lets {@code work} run up to where it waits for the ledger. */
    private static void awaitTurn(Thread work) {
        await().until(() -> Arrays.stream(work.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(Ledger.class.getName())
                        && frame.getMethodName().equals("lock")));
    }

    /** Runs {@code work} while the ledger is another process's, up to the step that has to wait for it. */
    private <T> void requireUnchangedMeanwhile(Callable<T> work, boolean present) throws Exception {
        var task = new FutureTask<>(work);
        there.exclusively(cells -> {
            Thread worker = Thread.ofPlatform().daemon().start(task);
            awaitTurn(worker);
            assertThat(Files.exists(place)).isEqualTo(present);
            return true;
        });
        task.get(60, TimeUnit.SECONDS);
        assertThat(Files.exists(place)).isEqualTo(!present);
    }

    @Test
    void noFileComesOrGoesWhileAnotherProcessHasTheLedger() throws Exception {
        Path finished = finished(budget, "1");
        requireUnchangedMeanwhile(
                () -> {
                    budget.settle(finished, place, SIZE, ON_DISK);
                    return true;
                },
                false);
        requireUnchangedMeanwhile(
                () -> {
                    budget.remove(place, ON_DISK);
                    return true;
                },
                true);
        assertThat(taken()).isZero();
    }

    @Test
    void whatComesInPlaceOfTheSameCountsOnce() throws IOException {
        budget.settle(finished(budget, "1"), place, SIZE, ON_DISK);
        other.settle(finished(other, "2"), place, SIZE, ON_DISK);
        assertThat(taken()).isEqualTo(ON_DISK);
    }

    @Test
    void whoDeletesCountsAndNobodyElse() throws IOException {
        budget.settle(finished(budget, "1"), place, SIZE, ON_DISK);
        Path more = folder.resolve("blobs").resolve("ab").resolve("ef");
        budget.settle(finished(budget, "2"), more, SIZE, ON_DISK);
        other.adopt(ON_DISK);
        other.remove(place, ON_DISK);
        budget.remove(place, ON_DISK);
        assertThat(taken()).isEqualTo(ON_DISK);
        assertThat(budget.kept()).isEqualTo(ON_DISK);
    }

    @Test
    void whatSomebodyDeletedByHandIsGivenBackByWhoIsAlone() throws IOException {
        budget.settle(finished(budget, "1"), place, SIZE, ON_DISK);
        budget.recount(0, cells -> true);
        Files.delete(place);
        budget.remove(place, ON_DISK);
        assertThat(taken()).isZero();
    }

    @Test
    void aFileThatCannotTakeItsPlaceChangesNothing() throws IOException {
        Path finished = finished(budget, "1");
        Files.createFile(Layout.parent(place));
        assertThatThrownBy(() -> budget.settle(finished, place, SIZE, ON_DISK))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(taken()).isEqualTo(ON_DISK);
        budget.release(ON_DISK);
        assertThat(taken()).isZero();
        assertThat(budget.kept()).isZero();
    }
}
