package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that is killed, or whose disk is full, at any change of what it keeps: the next one comes to the right end. */
class InterruptedUpdateTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final int MOST_CHANGES = 100;

    /** Lets some changes pass, and then fails: before a change as a full disk does, after it as a kill. */
    private static final class Failing implements MetadataStore {
        private final MetadataStore store;
        private final boolean after;
        private final List<String> changes = new ArrayList<>();
        private int left;

        Failing(MetadataStore store, int left, boolean after) {
            this.store = store;
            this.left = left;
            this.after = after;
        }

        private void change(String what, Change change) throws IOException {
            boolean last = left-- == 0;
            if (last && !after) {
                throw new IOException("disk full");
            }
            change.make();
            changes.add(what);
            if (last) {
                throw new IOException("killed");
            }
        }

        private interface Change {
            void make() throws IOException;
        }

        @Override
        public Optional<byte[]> read(String role) throws IOException {
            return store.read(role);
        }

        @Override
        public void write(String role, byte[] document) throws IOException {
            change("write " + role, () -> store.write(role, document));
        }

        @Override
        public void remove(String role) throws IOException {
            change("remove " + role, () -> store.remove(role));
        }

        @Override
        public Optional<byte[]> installedRoot() throws IOException {
            return store.installedRoot();
        }

        @Override
        public void writeInstalledRoot(byte[] document) throws IOException {
            change("write installed root", () -> store.writeInstalledRoot(document));
        }
    }

    private static Refreshed update(TestRepository repository, MetadataStore store) throws IOException {
        var updater =
                Updater.ofFleet(TestRepository.FLEET, TestRepository.BUCKET, repository, store, TrustLimits.USUAL);
        assertThat(updater.begin(repository.file("1.root.json"))).isEmpty();
        return updater.refresh(Optional.empty(), UpdateTime.of(NOW));
    }

    /** A thief has driven versions up, and the fleet has taken itself back. */
    private static TestRepository recovered(MetadataStore store) throws IOException {
        TestRepository repository = TestRepository.published(NOW);
        List<Role> stolen = List.of(Role.TIMESTAMP, Role.SNAPSHOT, Role.TARGETS);
        stolen.forEach(role -> repository.version(role, 1000));
        repository.publishAll();
        assertThat(update(repository, store)).isInstanceOf(Refreshed.Current.class);
        stolen.forEach(role -> repository.version(role, 1));
        stolen.forEach(role -> repository.rotate(role, 1));
        repository.publishRoot();
        repository.rotate(Role.ROOT, 1);
        repository.publishRoot();
        repository.publishAll();
        return repository;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theNextUpdateEndsAsIfNothingHadHappened(boolean after) throws IOException {
        for (int passed = 0; passed < MOST_CHANGES; passed++) {
            MetadataStore store = MetadataStore.inMemory();
            TestRepository repository = recovered(store);
            var failing = new Failing(store, passed, after);
            if (!isInterrupted(repository, failing)) {
                assertThat(failing.changes)
                        .containsExactly(
                                "remove timestamp",
                                "remove snapshot",
                                "write root",
                                "write root",
                                "write timestamp",
                                "write snapshot",
                                "write targets");
                return;
            }
            var next = (Refreshed.Current) update(repository, store);
            assertThat(next.metadata().root().version()).isEqualTo(3);
            assertThat(next.metadata().targets().version()).isEqualTo(2);
        }
    }

    private static boolean isInterrupted(TestRepository repository, Failing failing) throws IOException {
        try {
            return !(update(repository, failing) instanceof Refreshed.Current);
        } catch (IOException broken) {
            assertThat(broken).hasMessageMatching("disk full|killed");
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aFirstBeginningThatWasInterruptedBeginsAgain(int passed) throws IOException {
        MetadataStore store = MetadataStore.inMemory();
        TestRepository repository = TestRepository.published(NOW);
        assertThatThrownBy(() -> update(repository, new Failing(store, passed, false)))
                .hasMessage("disk full");
        assertThat(update(repository, store)).isInstanceOf(Refreshed.Current.class);
        assertThat(store.installedRoot()).isPresent();
    }
}
