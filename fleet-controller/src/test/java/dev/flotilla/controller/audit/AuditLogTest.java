package dev.flotilla.controller.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.vocabulary.FleetName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AuditLogTest {
    private static final FleetName ACME = new FleetName("acme");
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private final MemoryBucket bucket = new MemoryBucket();

    private AuditLog log(String actor) {
        return new AuditLog(ACME, bucket, Clock.fixed(NOW, ZoneOffset.UTC), actor, () -> 7);
    }

    private void write(int count) {
        for (int i = 1; i <= count; i++) {
            assertThat(log("ann@desk").done("publish", Optional.of((long) i), List.of("+ line " + i)))
                    .isEmpty();
        }
    }

    private AuditTrail.Reading read() throws IOException {
        return new AuditTrail(ACME, bucket).read();
    }

    private static String key(int number) {
        return "audit/chain/%010d.json".formatted(number);
    }

    private void replace(String key, String what, String with) {
        String text = new String(bucket.content(key), StandardCharsets.UTF_8);
        assertThat(text).contains(what);
        bucket.put(new ObjectKey(key), text.replace(what, with).getBytes(StandardCharsets.UTF_8), Condition.none());
    }

    @Test
    void recordsSayWhoDidWhatWhenUnderWhichLockAndWhatCameOfIt() throws Exception {
        write(1);
        assertThat(log("bob@train").notDone("drain", "not this one", List.of("drain east")))
                .isEmpty();
        AuditTrail.Reading reading = read();
        assertThat(reading.faults()).isEmpty();
        assertThat(reading.chained()).isEqualTo(2);
        assertThat(reading.records()).element(0).satisfies(record -> {
            assertThat(record.actor()).isEqualTo("ann@desk");
            assertThat(record.time()).isEqualTo(NOW);
            assertThat(record.lock()).isEqualTo(7);
            assertThat(record.result()).isEqualTo("done");
            assertThat(record.version()).contains(1L);
            assertThat(record.changes()).containsExactly("+ line 1");
        });
        assertThat(reading.records())
                .element(1)
                .satisfies(record -> assertThat(record.result()).isEqualTo("not this one"));
    }

    @Test
    void aChangedRecordIsFoundWhicheverItIsAndTheLastOneToo() throws Exception {
        for (int changed = 1; changed <= 4; changed++) {
            var fresh = new AuditLogTest();
            fresh.write(4);
            fresh.replace(key(changed), "ann@desk", "eve@desk");
            String fault = changed == 4
                    ? "record 4 was changed: audit/head.json has another digest of it"
                    : "record " + (changed + 1) + " doesn't follow record " + changed + ": one of the two was changed";
            assertThat(fresh.read().faults()).containsExactly(fault);
        }
    }

    @Test
    void aRemovedRecordIsFoundWhicheverItIsAndSeveralFromTheEnd() throws Exception {
        for (int removed = 1; removed <= 4; removed++) {
            var fresh = new AuditLogTest();
            fresh.write(4);
            fresh.bucket.remove(new ObjectKey(key(removed)));
            assertThat(fresh.read().faults()).containsExactly("record " + removed + " is missing");
        }
        write(4);
        bucket.remove(new ObjectKey(key(3)));
        bucket.remove(new ObjectKey(key(4)));
        assertThat(read().faults()).containsExactly("records 3 to 4 are missing");
        bucket.remove(new ObjectKey("audit/head.json"));
        assertThat(read().faults())
                .containsExactly("audit/head.json is missing: records may have been removed from the end");
    }

    @Test
    void aRecordInAnothersPlaceAnotherFleetsAndGarbageAreFound() throws Exception {
        write(3);
        bucket.put(new ObjectKey(key(3)), bucket.content(key(2)), Condition.none());
        assertThat(read().faults())
                .contains("record 3 says that it is record 2 of fleet acme")
                .hasSize(2);
        bucket.put(new ObjectKey(key(3)), "garbage".getBytes(StandardCharsets.UTF_8), Condition.none());
        assertThat(read().faults()).element(0).asString().startsWith(key(3) + " can't be read: ");
        assertThat(new AuditTrail(new FleetName("other"), bucket).read().faults())
                .contains("record 1 says that it is record 1 of fleet acme");
    }

    @Test
    void aControllerThatWasKilledBetweenRecordAndHeadLeavesNoFaultAndTheNextGoesOn() throws Exception {
        for (int before = 0; before < 3; before++) {
            var fresh = new AuditLogTest();
            fresh.write(before);
            Optional<byte[]> head =
                    before == 0 ? Optional.empty() : Optional.of(fresh.bucket.content("audit/head.json"));
            fresh.write(1);
            head.ifPresentOrElse(
                    old -> fresh.bucket.put(new ObjectKey("audit/head.json"), old, Condition.none()),
                    () -> fresh.bucket.remove(new ObjectKey("audit/head.json")));
            assertThat(fresh.read().faults()).isEmpty();
            fresh.write(1);
            assertThat(fresh.read().faults()).isEmpty();
            assertThat(fresh.read().chained()).isEqualTo(before + 2);
        }
    }

    @Test
    void manyAtOnceMakeOneChain() throws Exception {
        var together = new CyclicBarrier(16);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Optional<String>>> written = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                AuditLog log = log("controller-" + i);
                written.add(threads.submit(() -> {
                    together.await();
                    return log.done("lock break", Optional.empty(), List.of());
                }));
            }
            for (Future<Optional<String>> one : written) {
                assertThat(one.get()).isEmpty();
            }
        }
        assertThat(read().faults()).isEmpty();
        assertThat(read().records().stream().map(AuditRecord::number).toList())
                .isEqualTo(LongStream.rangeClosed(1, 16).boxed().toList());
    }

    @Test
    void whatEarlierVersionsWroteIsReadAndComesFirst() throws Exception {
        write(1);
        String old = """
                { "format": 1, "fleet": "acme", "time": "2026-05-01T00:00:00Z", "actor": "ann@desk",
                  "action": "publish", "version": 3, "changes": ["+ a"] }
                """;
        bucket.put(
                new ObjectKey("audit/20260501T000000.000Z-ann_desk.json"),
                old.getBytes(StandardCharsets.UTF_8),
                Condition.none());
        assertThat(read().faults()).isEmpty();
        assertThat(read().records().stream().map(AuditRecord::number).toList()).containsExactly(0L, 1L);
        assertThat(read().records().getFirst().version()).contains(3L);
    }

    @Test
    void withoutTheBucketItIsSaidThatNothingWasWritten() {
        bucket.goAway();
        assertThat(log("ann@desk").done("publish", Optional.empty(), List.of()))
                .get()
                .asString()
                .startsWith("no audit record was written: ");
    }
}
