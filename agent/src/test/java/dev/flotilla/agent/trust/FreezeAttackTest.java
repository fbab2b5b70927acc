package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Metadata that aren't renewed, and clocks that are wrong. */
class FreezeAttackTest extends UnderAttack {
    // Freeze.

    @Test
    void aTimestampThatIsNotRenewedIsRefusedFromTheSecondThatItEnds() throws IOException {
        clock = NOW.plus(Duration.ofDays(30)).minusSeconds(1);
        current();
        clock = NOW.plus(Duration.ofDays(30));
        assertThat(refused(Refusal.EXPIRED)).contains("timestamp 1 expired at 2026-07-01T12:00:00Z");
    }

    @Test
    void expiryIsJudgedAlsoWhereNothingIsNew() throws IOException {
        var known = ((Refreshed.Current) refresh()).tag();
        repository.takeRequests();
        assertThat(updater().refresh(known, UpdateTime.of(NOW.plus(Duration.ofDays(29)))))
                .isInstanceOf(Refreshed.Current.class);
        assertThat(repository.takeRequests()).containsExactly("2.root.json", "timestamp.json");
        var late = (Refreshed.Refused) updater().refresh(known, UpdateTime.of(NOW.plus(Duration.ofDays(31))));
        assertThat(late.reason()).isEqualTo(Refusal.EXPIRED);
    }

    @Test
    void eachRoleThatHasEndedIsRefusedByItsName() throws IOException {
        for (Role role : Role.values()) {
            var late = new TestRepository(NOW);
            late.lifetime(role, Duration.ofDays(1));
            late.publishRoot();
            late.publishAll();
            MetadataStore fresh = MetadataStore.inMemory();
            var client = Updater.ofFleet(TestRepository.FLEET, TestRepository.BUCKET, late, fresh, TrustLimits.USUAL);
            assertThat(client.begin(late.file("1.root.json"))).isEmpty();
            var refused =
                    (Refreshed.Refused) client.refresh(Optional.empty(), UpdateTime.of(NOW.plus(Duration.ofDays(1))));
            assertThat(refused.reason()).as(role.name()).isEqualTo(Refusal.EXPIRED);
            assertThat(refused.detail()).startsWith(role.metadataName() + " 1 expired");
            assertThat(fresh.read(role.metadataName()).isPresent()).isEqualTo(role == Role.ROOT);
        }
    }

    @Test
    void whatEndsWhileNothingIsNewIsRefusedByItsName() throws IOException {
        for (Role role : List.of(Role.ROOT, Role.SNAPSHOT, Role.TARGETS)) {
            var still = new TestRepository(NOW);
            still.lifetime(role, Duration.ofDays(1));
            still.publishRoot();
            still.publishAll();
            var client = Updater.ofFleet(
                    TestRepository.FLEET, TestRepository.BUCKET, still, MetadataStore.inMemory(), TrustLimits.USUAL);
            assertThat(client.begin(still.file("1.root.json"))).isEmpty();
            var current = (Refreshed.Current) client.refresh(Optional.empty(), UpdateTime.of(NOW));
            Instant last = NOW.plus(Duration.ofDays(1)).minusSeconds(1);
            assertThat(client.refresh(current.tag(), UpdateTime.of(last))).isInstanceOf(Refreshed.Current.class);
            var refused = (Refreshed.Refused) client.refresh(current.tag(), UpdateTime.of(last.plusSeconds(1)));
            assertThat(refused.reason()).as(role.name()).isEqualTo(Refusal.EXPIRED);
            assertThat(refused.detail()).startsWith(role.metadataName() + " 1 expired");
        }
    }

    @Test
    void whatEndsWhileAnUpdateIsUnderWayIsGoodForThatUpdateAndNotForTheNext() throws IOException {
        repository.publishAll();
        // The time is that of the update's beginning: no source, however slow, makes it a later one.
        var begun = UpdateTime.of(NOW.plus(Duration.ofDays(30)).minusSeconds(1));
        MetadataSource slow = (file, known, limit) -> {
            clock = NOW.plus(Duration.ofDays(31));
            return repository.fetch(file, known, limit);
        };
        var client = Updater.ofFleet(TestRepository.FLEET, TestRepository.BUCKET, slow, store, TrustLimits.USUAL);
        assertThat(client.refresh(Optional.empty(), begun)).isInstanceOf(Refreshed.Current.class);
        assertThat(refresh()).isInstanceOf(Refreshed.Refused.class);
    }

    @Test
    void aGraceIsForTheExpiryAloneAndEnds() throws IOException {
        Instant late = NOW.plus(Duration.ofDays(40));
        assertThat(updater().refresh(Optional.empty(), new UpdateTime(late, Duration.ofDays(11))))
                .isInstanceOf(Refreshed.Current.class);
        assertThat(updater().refresh(Optional.empty(), new UpdateTime(late, Duration.ofDays(10))))
                .isInstanceOf(Refreshed.Refused.class);
        repository.publishTimestamp(signed -> signed, List.of(TestRepository.key()));
        clock = late;
        var stranger =
                (Refreshed.Refused) updater().refresh(Optional.empty(), new UpdateTime(late, Duration.ofDays(99)));
        assertThat(stranger.reason()).isEqualTo(Refusal.WRONG_SIGNATURE);
    }

    // The clock.

    @Test
    void aClockThatIsYearsAheadRefusesAsExpiredAndOneThatIsYearsBehindAsBehind() throws IOException {
        clock = NOW.plus(Duration.ofDays(3650));
        assertThat(refused(Refusal.EXPIRED)).contains("this clock is wrong");
        clock = NOW.minus(Duration.ofDays(3650));
        assertThat(refused(Refusal.CLOCK_BEHIND)).contains("Set it right");
        repository.publishTimestamp();
        refused(Refusal.CLOCK_BEHIND);
        clock = NOW;
        assertThat(current().timestamp().version()).isEqualTo(2);
    }
}
