package dev.flotilla.controller.drill;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Zone;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.IntentPublisher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Begins drills, and undoes what earlier ones have left, while the fleet's lock is held. For one thread. */
public final class Drills {
    /** Beside the budget: for bringing back, and for clocks that differ. */
    private static final Duration DRAIN_MORE = Duration.ofMinutes(5);

    private final FleetConfiguration fleet;
    private final Bucket bucket;
    private final Zone zone;
    private final List<Path> keys;
    private final Clock clock;
    private final String actor;
    private final Fence lock;
    private final Consumer<String> progress;

    /** {@code keys} are folders with private keys beside the fleet's trust folder; {@code lock} is held. */
    public Drills(
            FleetConfiguration fleet,
            Bucket bucket,
            Zone zone,
            List<Path> keys,
            Clock clock,
            String actor,
            Fence lock,
            Consumer<String> progress) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.zone = zone;
        this.keys = List.copyOf(keys);
        this.clock = clock;
        this.actor = actor;
        this.lock = lock;
        this.progress = progress;
    }

    /** What came of it. */
    public sealed interface Outcome {
        record Drilled(DrillReport report) implements Outcome {}

        /** Nothing was touched. */
        record NotBegun(String reason) implements Outcome {}
    }

    /**
     * Undoes what a drill has left that was killed. Whoever holds the lock knows that it is over.
     *
     * @return what was undone, for people; absent where there was nothing
     */
    public Optional<String> restore() throws IOException, InterruptedException {
        var journal = new Journal(bucket);
        Optional<DrillRecord> left = journal.read().filter(record -> !record.over());
        if (left.isEmpty()) {
            return Optional.empty();
        }
        DrillRecord record = left.get();
        switch (record.mode()) {
            case DRAIN -> drain(record, Duration.ofMinutes(1)).end();
            case HEALTH_FAIL -> health(record).end();
            case KILL -> progress.accept("killed mirrors are started again by their agents");
        }
        journal.write(record.ended());
        String told = record.told() + ", is undone: " + record.region() + " by " + record.mode();
        audit().done("drill restore", Optional.empty(), List.of(told)).ifPresent(progress);
        return Optional.of(told);
    }

    /**
     * Drills. An interrupted thread ends it early, and the region is brought back all the same.
     *
     * @param killer for {@link DrillMode#KILL}; absent where mirrors may not be killed
     */
    public Outcome run(DrillSubject subject, DrillTerms terms, Optional<MirrorKiller> killer, List<String> notes)
            throws IOException, InterruptedException {
        var journal = new Journal(bucket);
        Optional<DrillRecord> before = journal.read();
        if (before.filter(record -> !record.over()).isPresent()) {
            return new Outcome.NotBegun(before.get().told() + ", is not undone. Run flotilla drill restore");
        }
        var now = clock.instant();
        var record = new DrillRecord(
                DrillRecord.id(now, subject.region().name(), terms.mode()),
                fleet.name(),
                subject.region().name(),
                terms.mode(),
                actor,
                now,
                Optional.empty(),
                false);
        Outage outage = switch (terms.mode()) {
            case DRAIN -> drain(record, terms.budget().plus(DRAIN_MORE));
            case HEALTH_FAIL -> health(record);
            case KILL ->
                new KillOutage(
                        subject.region(),
                        bucket,
                        killer.orElseThrow(() -> new IllegalArgumentException("nobody to kill mirrors")),
                        progress);
        };
        try (var clients = new Clients(subject)) {
            var watched = new FailoverDrill(terms, clients, outage, journal, record, progress).run();
            DrillReport report = DrillReport.of(record, terms, watched, notes);
            String line = "drill failover " + record.region() + " by " + record.mode() + ": "
                    + (report.summary().isMet() ? "objective met" : "objective missed");
            audit().done("drill", Optional.empty(), List.of(line)).ifPresent(progress);
            return new Outcome.Drilled(report);
        } catch (FailoverDrill.NotBegunException notBegun) {
            return new Outcome.NotBegun(String.valueOf(notBegun.getMessage()));
        }
    }

    private HealthOutage health(DrillRecord record) {
        Set<NodeId> all = fleet.nodes().stream().map(Node::id).collect(Collectors.toUnmodifiableSet());
        return new HealthOutage(
                FleetDns.of(fleet, zone, FleetDns.Timing.USUAL, lock, progress).drains(),
                all.stream()
                        .filter(node -> node.region().equals(record.region()))
                        .sorted()
                        .toList(),
                record.holds(),
                all);
    }

    private DrainOutage drain(DrillRecord record, Duration longest) {
        return new DrainOutage(
                new IntentPublisher(fleet, bucket, keys, clock, actor, lock, line -> {}),
                record.region(),
                record.id(),
                actor,
                longest);
    }

    private AuditLog audit() {
        return new AuditLog(fleet.name(), bucket, clock, actor, lock::generation);
    }
}
