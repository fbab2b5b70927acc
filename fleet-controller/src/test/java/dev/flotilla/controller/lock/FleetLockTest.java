package dev.flotilla.controller.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.controller.lock.FleetLock.Breaking;
import dev.flotilla.controller.lock.FleetLock.Sight;
import dev.flotilla.controller.lock.FleetLock.Taking;
import dev.flotilla.vocabulary.FleetName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class FleetLockTest {
    /** The thread that renews never gets its turn: time passes by hand. */
    private static final FleetLock.Terms BY_HAND =
            new FleetLock.Terms(Duration.ofSeconds(30), Duration.ofHours(1), Duration.ofMillis(5));

    private static final FleetName ACME = new FleetName("acme");
    private static final ObjectKey KEY = new ObjectKey("lock/acme.json");

    private final MemoryBucket bucket = new MemoryBucket();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-06-01T12:00:00Z"));
    private final List<String> progress = Collections.synchronizedList(new ArrayList<>());

    private FleetLock of(String owner) {
        return new FleetLock(ACME, bucket, now::get, BY_HAND, owner);
    }

    private Taking take(String owner) throws InterruptedException {
        return of(owner).take("publish", Duration.ZERO, progress::add);
    }

    private Holding taken(String owner) throws InterruptedException {
        return ((Taking.Taken) take(owner)).holding();
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    @Test
    void oneHasItAndTheOtherIsToldWhoUntilItIsGivenBack() throws Exception {
        try (var ann = taken("ann@desk")) {
            assertThat(ann.generation()).isEqualTo(1);
            assertThat(ann.lost()).isEmpty();
            assertThat(take("bob@train"))
                    .isInstanceOfSatisfying(
                            Taking.Busy.class,
                            busy -> assertThat(busy.holder().owner()).isEqualTo("ann@desk"));
        }
        try (var bob = taken("bob@train")) {
            assertThat(bob.generation()).isEqualTo(2);
        }
    }

    @Test
    void whoeverIsPatientGetsItWhenItIsGivenBack() throws Exception {
        var ann = taken("ann@desk");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Taking> bob = threads.submit(() -> of("bob@train").take("drain", Duration.ofDays(1), progress::add));
            await().until(() -> progress.contains("waiting for ann@desk (publish)"));
            assertThat(bob.isDone()).isFalse();
            ann.close();
            try (var holding = ((Taking.Taken) bob.get()).holding()) {
                assertThat(holding.generation()).isEqualTo(2);
            }
        }
        assertThat(progress).containsExactly("waiting for ann@desk (publish)");
    }

    @Test
    void whatWasNeverGivenBackIsAnybodysAtItsEndAndItsHolderWritesNothingMore() throws Exception {
        try (var ann = taken("ann@desk")) {
            pass(Duration.ofSeconds(29));
            assertThat(take("bob@train")).isInstanceOf(Taking.Busy.class);
            pass(Duration.ofSeconds(1));
            var bob = (Taking.Taken) take("bob@train");
            assertThat(bob.abandoned()).get().extracting(LockRecord::owner).isEqualTo("ann@desk");
            assertThat(ann.lost()).get().asString().contains("ran out").contains("bob@train");
            bob.holding().close();
            // Also when nobody has it any more: the world has gone on.
            assertThat(ann.lost()).isPresent();
        }
        assertThat(((Sight.Seen) of("x").look()).lock())
                .satisfies(lock -> assertThat(lock.owner()).isEqualTo("bob@train"))
                .satisfies(lock -> assertThat(lock.state()).isEqualTo(LockRecord.State.FREE));
    }

    @Test
    void whoeverSleptAndFindsItUntouchedHoldsItOnForAWholeLease() throws Exception {
        try (var ann = taken("ann@desk")) {
            pass(Duration.ofMinutes(5));
            assertThat(ann.lost()).isEmpty();
            pass(Duration.ofSeconds(29));
            assertThat(take("bob@train")).isInstanceOf(Taking.Busy.class);
        }
    }

    @Test
    void aBreakTakesItFromItsHolderAndOnlyAsItWasSeen() throws Exception {
        try (var ann = taken("ann@desk")) {
            var seen = (Sight.Seen) of("eve").look();
            assertThat(ann.lost()).isEmpty();
            assertThat(of("eve").breakIt(seen)).isInstanceOf(Breaking.Failed.class);
            seen = (Sight.Seen) of("eve").look();
            assertThat(of("eve").breakIt(seen)).isInstanceOf(Breaking.Broken.class);
            assertThat(ann.lost()).get().asString().contains("was broken");
            assertThat(of("eve").breakIt((Sight.Seen) of("eve").look())).isInstanceOf(Breaking.NotHeld.class);
        }
        try (var bob = taken("bob@train")) {
            assertThat(bob.generation()).isEqualTo(3);
        }
    }

    @Test
    void withoutTheBucketNobodyWritesAndAfterwardsTheHolderGoesOn() throws Exception {
        try (var ann = taken("ann@desk")) {
            bucket.goAway();
            assertThat(ann.lost()).get().asString().contains("can't be found out");
            assertThat(take("bob@train")).isInstanceOf(Taking.Failed.class);
            bucket.comeBack();
            assertThat(ann.lost()).isEmpty();
        }
    }

    @Test
    void anotherHoldersNameAndADeletedLockAreNoProofThatItIsOurs() throws Exception {
        try (var ann = taken("ann@desk")) {
            bucket.remove(KEY);
            assertThat(ann.lost()).get().asString().contains("deleted");
        }
        assertThat(bucket.objects()).doesNotContainKey(KEY);
    }

    @Test
    void aLockThatNobodyUnderstandsIsLeftAlone() throws Exception {
        byte[] later = "{\"format\": 2}".getBytes(StandardCharsets.UTF_8);
        bucket.put(KEY, later, Condition.none());
        assertThat(take("ann@desk"))
                .isInstanceOfSatisfying(
                        Taking.Failed.class,
                        failed -> assertThat(failed.reason()).contains("a later version"));
        assertThat(bucket.content(KEY.value())).isEqualTo(later);
    }

    @Test
    void itIsRenewedWhileItIsHeldAndNoLonger() throws Exception {
        var quick = new FleetLock.Terms(Duration.ofSeconds(30), Duration.ofMillis(2), Duration.ofMillis(5));
        var lock = new FleetLock(ACME, bucket, now::get, quick, "ann@desk");
        var ann = ((Taking.Taken) lock.take("publish", Duration.ZERO, progress::add)).holding();
        pass(Duration.ofSeconds(20));
        await().until(() ->
                ((Sight.Seen) lock.look()).lock().expires().equals(now.get().plusSeconds(30)));
        ann.close();
        byte[] left = bucket.content(KEY.value());
        assertThat(ann.lost()).get().asString().contains("given back");
        assertThat(bucket.content(KEY.value())).isEqualTo(left);
    }

    @Test
    void ofManyAtOnceNoTwoEverHaveItTogether() throws Exception {
        var together = new CyclicBarrier(8);
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> generations = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String owner = "controller-" + i;
                generations.add(threads.submit(() -> {
                    together.await();
                    Taking taking;
                    do {
                        // Two that begin at once may both be refused: each of them wants it again.
                        taking = of(owner).take("publish", Duration.ofDays(1), line -> {});
                    } while (!(taking instanceof Taking.Taken));
                    try (var holding = ((Taking.Taken) taking).holding()) {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        assertThat(holding.lost()).isEmpty();
                        inside.decrementAndGet();
                        return holding.generation();
                    }
                }));
            }
            List<Long> seen = new ArrayList<>();
            for (Future<Long> generation : generations) {
                seen.add(generation.get());
            }
            assertThat(seen).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        }
        assertThat(most).hasValue(1);
    }
}
