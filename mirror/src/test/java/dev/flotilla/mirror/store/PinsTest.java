package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinsTest {
    @TempDir
    Path folder;

    private SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private Store open(String project) throws IOException {
        meters = new SimpleMeterRegistry();
        return Store.open(folder, Fixture.LIMITS.withPins(name -> name.normal().equals(project), 50), meters);
    }

    private long pinned() {
        return (long) meters.get("flotilla.store.pinned").gauge().value();
    }

    /** More than the whole budget of other files comes. */
    private static void flood(Store store) throws IOException {
        for (int i = 100; i < 120; i++) {
            Fixture.keep(store, "lantern", 20_000, i);
        }
    }

    @Test
    void filesOfPinnedProjectsStayWhateverComesAlsoAfterARestart() throws IOException {
        try (var store = open("harbour")) {
            Fixture.keep(store, "harbour", 20_000, 1);
            Fixture.keep(store, "lantern", 20_000, 2);
            await().until(() -> pinned() == Budget.onDisk(20_000));
            flood(store);
            assertThat(store.blobs().find(Fixture.path("harbour", 1))).isPresent();
            assertThat(store.blobs().find(Fixture.path("lantern", 2))).isEmpty();
        }
        try (var store = open("harbour")) {
            assertThat(pinned()).isEqualTo(Budget.onDisk(20_000));
            flood(store);
            assertThat(store.blobs().find(Fixture.path("harbour", 1))).isPresent();
        }
        StoreCheck.requireRight(folder, Fixture.LIMITS);
    }

    @Test
    void whatIsNoLongerPinnedLeavesLikeAnythingElse() throws IOException {
        try (var store = open("harbour")) {
            Fixture.keep(store, "harbour", 20_000, 1);
            await().until(() -> pinned() > 0);
        }
        try (var store = open("lantern-of-another-kind")) {
            assertThat(pinned()).isZero();
            flood(store);
            assertThat(store.blobs().find(Fixture.path("harbour", 1))).isEmpty();
        }
        assertThat(StoreCheck.filesBelow(folder.resolve("pins"))).isEmpty();
    }

    @Test
    void aFileThatWasHereBeforeItsProjectWasPinnedIsPinnedWhenItIsAskedFor() throws IOException {
        try (var store = open("nothing")) {
            Fixture.keep(store, "harbour", 20_000, 1);
        }
        try (var store = open("harbour")) {
            assertThat(pinned()).isZero();
            store.blobs().find(Fixture.path("harbour", 1)).orElseThrow().release();
            await().until(() -> pinned() > 0);
            flood(store);
            assertThat(store.blobs().find(Fixture.path("harbour", 1))).isPresent();
        }
    }

    @Test
    void pinsNeverTakeMoreThanTheirShare() throws IOException {
        try (var store = open("harbour")) {
            for (int i = 0; i < 20; i++) {
                Fixture.keep(store, "harbour", 20_000, i);
                assertThat(store.blobs().figures().held().bytes()).isLessThanOrEqualTo(100_000);
            }
            await().until(() -> pinned() == 2 * Budget.onDisk(20_000));
            flood(store);
            assertThat(pinned()).isEqualTo(2 * Budget.onDisk(20_000));
            assertThat(store.blobs().figures().entries()).isGreaterThan(2);
        }
        StoreCheck.requireRight(folder, Fixture.LIMITS);
    }
}
