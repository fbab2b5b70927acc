package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;

/**
 * A client that has trusted a release before. Every attack that The Update Framework is there for (TUF 1.0, section 1.5.2), and some more,
 * is refused for a reason of its own, and the release before stays trusted.
 */
abstract class UnderAttack {
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    final TestRepository repository = TestRepository.published(NOW);
    final MetadataStore store = MetadataStore.inMemory();
    Instant clock = NOW;

    @BeforeEach
    void trustTheFirstRelease() throws IOException {
        assertThat(updater().begin(repository.file("1.root.json"))).isEmpty();
        assertThat(current().targets().version()).isEqualTo(1);
        repository.takeRequests();
    }

    Updater updater() {
        return Updater.ofFleet(TestRepository.FLEET, TestRepository.BUCKET, repository, store, TrustLimits.USUAL);
    }

    Refreshed refresh() throws IOException {
        return updater().refresh(Optional.empty(), UpdateTime.of(clock));
    }

    TrustedMetadata current() throws IOException {
        Refreshed refreshed = refresh();
        assertThat(refreshed).isInstanceOf(Refreshed.Current.class);
        return ((Refreshed.Current) refreshed).metadata();
    }

    /** Refused for that reason, and what is kept is still a whole release that was there before. */
    String refused(Refusal reason) throws IOException {
        Refreshed refreshed = refresh();
        assertThat(refreshed).isInstanceOf(Refreshed.Refused.class);
        var refused = (Refreshed.Refused) refreshed;
        assertThat(refused.reason()).as(refused.text()).isEqualTo(reason);
        assertThat(new String(store.read("targets").orElseThrow(), StandardCharsets.UTF_8))
                .isEqualTo(new String(repository.file("1.targets.json"), StandardCharsets.UTF_8));
        return refused.detail();
    }

    static TargetFile target(String content) {
        return TargetFile.of(content.getBytes(StandardCharsets.UTF_8));
    }
}
