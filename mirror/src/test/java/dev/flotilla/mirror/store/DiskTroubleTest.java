package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store does when others fill its disk, or the disk fails. */
class DiskTroubleTest {
    private static final ByteSize FLOOR = new ByteSize(1_000_000);

    @TempDir
    Path folder;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong usable = new AtomicLong(2_000_000);

    private Store open() throws IOException {
        return open(usable::get);
    }

    private Store open(DiskHealth.Disk disk) throws IOException {
        var around = new Store.Surroundings(work -> Thread.ofPlatform().daemon().start(work), disk);
        return Store.open(folder, Fixture.LIMITS.withFreeFloor(FLOOR), meters, around);
    }

    private double trouble() {
        return meters.get("flotilla.store.trouble").gauge().value();
    }

    @Test
    void whereOthersFillTheDiskNothingIsKeptUntilItHasRoomAgain() throws IOException {
        try (var store = open()) {
            Fixture.keep(store, "harbour", 10_000, 1);
            usable.set(900_000);
            assertThatThrownBy(() -> Fixture.keep(store, "harbour", 10_000, 2)).isInstanceOf(Unwritable.class);
            assertThat(store.trouble())
                    .hasValueSatisfying(reason -> assertThat(reason).contains("free-floor"));
            assertThat(trouble()).isEqualTo(1);
            // In vain nothing is evicted, and what is here is served.
            assertThat(store.blobs().find(Fixture.path("harbour", 1))).isPresent();
            // Pages are small, and all that there is in an outage.
            assertThat(store.pages().write(new PageKey.Project(new ProjectName("harbour")), PageStoreTest.page(3_000)))
                    .isTrue();
            usable.set(2_000_000);
            await().until(() -> trouble() == 0);
            Fixture.keep(store, "harbour", 10_000, 2);
        }
        StoreCheck.requireRight(folder, Fixture.LIMITS);
    }

    @Test
    void whatIsHereLeavesForWhatComesWhereThatKeepsTheFloor() throws IOException {
        usable.set(FLOOR.bytes() + 30_000);
        try (var store = open(() -> usable.get() - onDisk())) {
            Fixture.keep(store, "harbour", 10_000, 1);
            Fixture.keep(store, "harbour", 10_000, 2);
            assertThat(store.blobs().figures().evicted()).isZero();
            Fixture.keep(store, "harbour", 10_000, 3);
            assertThat(store.blobs().figures().evicted()).isEqualTo(1);
            assertThat(store.blobs().find(Fixture.path("harbour", 3))).isPresent();
            assertThat(trouble()).isZero();
        }
        StoreCheck.requireRight(folder, Fixture.LIMITS);
    }

    private long onDisk() throws IOException {
        long bytes = 0;
        for (Path file : StoreCheck.filesBelow(folder.resolve("blobs"))) {
            bytes += Budget.onDisk(Layout.size(file));
        }
        return bytes;
    }

    @Test
    void whatIsPromisedCountsForTheFloorBeforeItIsWritten() throws IOException {
        usable.set(FLOOR.bytes() + 60_000);
        try (var store = open();
                Intake first = store.blobs().begin(BlobStoreTest.expecting(BlobStoreTest.content(40_000, 1)))) {
            assertThatThrownBy(() -> store.blobs().begin(BlobStoreTest.expecting(BlobStoreTest.content(40_000, 2))))
                    .isInstanceOf(Unwritable.class);
            first.discard();
            store.blobs()
                    .begin(BlobStoreTest.expecting(BlobStoreTest.content(40_000, 2)))
                    .discard();
        }
    }

    @Test
    void afterAFailureNothingIsTriedOnClientsAndTheStoreRecoversByItself() throws IOException {
        try (var store = open()) {
            Fixture.keep(store, "harbour", 10_000, 1);
            var temporary = Inventory.entries(folder.resolve("temporary")).getFirst();
            var aside = folder.resolve("aside");
            Files.move(temporary, aside);
            assertThatThrownBy(() -> Fixture.keep(store, "harbour", 10_000, 2)).isInstanceOf(IOException.class);
            assertThat(trouble()).isEqualTo(1);
            assertThatThrownBy(() -> Fixture.keep(store, "harbour", 10_000, 2)).isInstanceOf(Unwritable.class);
            assertThat(store.pages().write(new PageKey.Project(new ProjectName("harbour")), PageStoreTest.page(3_000)))
                    .isFalse();
            assertThat(store.blobs().find(Fixture.path("harbour", 1))).isPresent();
            Files.move(aside, temporary);
            await().until(() -> trouble() == 0);
            Fixture.keep(store, "harbour", 10_000, 2);
            assertThat(store.blobs().figures().held()).isEqualTo(new ByteSize(2 * Budget.onDisk(10_000)));
        }
        StoreCheck.requireRight(folder, Fixture.LIMITS);
    }
}
