package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Keeps a fleet's names in DNS. Killed anywhere, a second run completes what the first began. For one thread at a time;
 * two controllers at once can't harm each other, since each batch holds only for the generation that its plan saw.
 */
public final class FleetDns {
    static final int MOST_TRIES = 3;
    private static final int MOST_GENERATIONS = 20;

    private final FleetConfiguration fleet;
    private final DnsSettings dns;
    private final Zone zone;
    private final LongSupplier nanoTime;
    private final Pause pause;
    private final Timing timing;
    private final Fence fence;
    private final Consumer<String> progress;
    private final BatchLimits limits;
    private final Set<DnsName> adopt;

    /**
     * How long to wait for the servers of the zone.
     *
     * @param poll time between two questions; a change usually takes less than a minute
     * @param limit afterwards the change is left to come by itself
     */
    public record Timing(Duration poll, Duration limit) {
        public static final Timing USUAL = new Timing(Duration.ofSeconds(3), Duration.ofMinutes(5));
    }

    /** What came of a change. */
    public sealed interface Outcome {
        /** Everything was as it should be, but for {@code conflicts}. */
        record Unchanged(List<String> conflicts) implements Outcome {}

        /**
         * The plan was carried out.
         *
         * @param inSync whether all servers of the zone answer by it already; if not, health checks that nothing needs any more are still there
         */
        record Applied(DnsPlan plan, boolean inSync) implements Outcome {}

        /** Nothing was changed, on purpose. */
        record Refused(String reason) implements Outcome {}

        /** Somebody else changes the zone; some of the plan's batches may have been carried out, each of them whole. */
        record Overtaken(String reason) implements Outcome {}

        /** The fleet's lock isn't this controller's any more; some batches may have been carried out, each of them whole. */
        record Fenced(String reason) implements Outcome {}
    }

    /** For a fleet with {@code dns { … }}; {@link IllegalArgumentException} without. */
    public FleetDns(
            FleetConfiguration fleet,
            Zone zone,
            Timing timing,
            LongSupplier nanoTime,
            Pause pause,
            Fence fence,
            Consumer<String> progress) {
        this(fleet, zone, timing, nanoTime, pause, fence, progress, BatchLimits.ROUTE53);
    }

    /** The same for a zone that takes less at once. */
    public FleetDns(
            FleetConfiguration fleet,
            Zone zone,
            Timing timing,
            LongSupplier nanoTime,
            Pause pause,
            Fence fence,
            Consumer<String> progress,
            BatchLimits limits) {
        this(fleet, zone, timing, nanoTime, pause, fence, progress, limits, Set.of());
    }

    private FleetDns(
            FleetConfiguration fleet,
            Zone zone,
            Timing timing,
            LongSupplier nanoTime,
            Pause pause,
            Fence fence,
            Consumer<String> progress,
            BatchLimits limits,
            Set<DnsName> adopt) {
        this.fleet = fleet;
        this.dns = fleet.dns().orElseThrow(() -> new IllegalArgumentException(fleet.file() + " has no dns { … }"));
        this.zone = zone;
        this.timing = timing;
        this.nanoTime = nanoTime;
        this.pause = pause;
        this.fence = fence;
        this.progress = progress;
        this.limits = limits;
        this.adopt = Set.copyOf(adopt);
    }

    /**
     * The same, but where somebody else's plain records (A, AAAA, CNAME) stand at these names, the fleet's take their place. A name
     * that isn't the fleet's is an {@link IllegalArgumentException}.
     */
    public FleetDns adopting(Set<DnsName> names) {
        for (DnsName name : names) {
            if (!name.isAtOrBelow(dns.name())) {
                throw new IllegalArgumentException(
                        name + " is no name of this fleet: its names are " + dns.name() + " and those below it");
            }
        }
        return new FleetDns(fleet, zone, timing, nanoTime, pause, fence, progress, limits, names);
    }

    /** With real time. */
    public static FleetDns of(
            FleetConfiguration fleet, Zone zone, Timing timing, Fence fence, Consumer<String> progress) {
        return new FleetDns(fleet, zone, timing, System::nanoTime, Thread::sleep, fence, progress);
    }

    /** Says what has to change when these nodes serve. Changes nothing. */
    public DnsPlan.Planning plan(Set<NodeId> serving) throws IOException, InterruptedException {
        return planner().plan(serving);
    }

    /** Plans and applies, again where somebody else changed the zone in between. */
    public Outcome bring(Set<NodeId> serving) throws IOException, InterruptedException {
        Outcome outcome = new Outcome.Unchanged(List.of());
        for (int attempt = 0; attempt < MOST_TRIES; attempt++) {
            switch (plan(serving)) {
                case DnsPlan.Planning.Refused refused -> {
                    return new Outcome.Refused(refused.reason());
                }
                case DnsPlan.Planning.Planned planned -> outcome = apply(planned.plan());
            }
            if (!(outcome instanceof Outcome.Overtaken)) {
                return outcome;
            }
        }
        return outcome;
    }

    /** Does what the plan says, or nothing where the zone isn't as the plan saw it. */
    public Outcome apply(DnsPlan plan) throws IOException, InterruptedException {
        if (plan.isEmpty()) {
            return new Outcome.Unchanged(plan.conflicts());
        }
        var marker = plan.marker();
        Optional<String> lost = lost(marker);
        if (lost.isPresent()) {
            return new Outcome.Fenced(lost.get());
        }
        List<List<Change>> split = ChangeBatches.split(plan.changes(), limits);
        // Where only checks go, servers may still be behind with what no longer names them: the marker alone is waited
        // for.
        List<List<Change>> batches = split.isEmpty() ? List.of(List.of()) : split;
        if (plan.adopts() && batches.size() > 1) {
            return new Outcome.Refused(
                    "what takes the place of others' records has to go in one batch with all else that"
                            + " changes, and this takes " + batches.size()
                            + ". Leave --adopt out first, then say it again");
        }
        Map<HealthCheckSettings, String> checks = checks(plan);
        boolean inSync = true;
        for (List<Change> part : batches) {
            lost = lost(marker);
            if (lost.isPresent()) {
                return new Outcome.Fenced(lost.get());
            }
            Marker next = marker.flatMap(Marker::parse)
                    .map(before -> before.next(fence.generation()))
                    .orElseGet(() -> new Marker(fleet.name(), 1, fence.generation()));
            List<Change> batch = new ArrayList<>();
            marker.ifPresent(before -> batch.add(new Change.Delete(before)));
            RecordSet written = next.toRecordSet(dns.name());
            batch.add(new Change.Create(written));
            part.forEach(change -> batch.add(withChecks(change, checks)));
            switch (zone.change(batch, "fleet " + fleet.name() + ", generation " + next.generation())) {
                case Zone.Submission.Refused refused -> {
                    // Made by a call whose answer was lost, it is refused when that call is made again.
                    if (!stands(batch)) {
                        return new Outcome.Overtaken(refused.reason());
                    }
                    inSync = false;
                }
                case Zone.Submission.Accepted accepted -> inSync &= awaitSync(accepted.changeId());
            }
            marker = Optional.of(written);
        }
        if (!inSync) {
            // A server may still answer by records that name them.
            return new Outcome.Applied(plan, false);
        }
        lost = plan.checksToDelete().isEmpty() ? Optional.empty() : fence.lost();
        if (lost.isPresent()) {
            return new Outcome.Fenced(lost.get());
        }
        for (HealthCheck check : plan.checksToDelete()) {
            zone.deleteHealthCheck(check.id());
        }
        return new Outcome.Applied(plan, inSync);
    }

    /** Whether the zone is as this batch makes it, marker included, which without a lock others could have written, too. */
    private boolean stands(List<Change> batch) throws IOException, InterruptedException {
        if (fence.generation() == 0) {
            return false;
        }
        Map<RecordSet.Key, RecordSet> present = new HashMap<>();
        zone.recordSets(dns.name()).forEach(records -> present.put(records.key(), records));
        Map<RecordSet.Key, Optional<RecordSet>> afterwards = new HashMap<>();
        for (Change change : batch) {
            afterwards.put(
                    change.records().key(),
                    change instanceof Change.Delete ? Optional.empty() : Optional.of(change.records()));
        }
        return afterwards.entrySet().stream()
                .allMatch(entry ->
                        Optional.ofNullable(present.get(entry.getKey())).equals(entry.getValue()));
    }

    /** Why nothing may be written over this marker, if so. */
    Optional<String> lost(Optional<RecordSet> marker) {
        long latest = marker.flatMap(Marker::parse).map(Marker::lock).orElse(0L);
        if (fence.generation() != 0 && latest > fence.generation()) {
            return Optional.of("DNS was changed by generation " + latest + " of the lock, and this controller's is "
                    + fence.generation());
        }
        return fence.lost();
    }

    /** What is the fleet's in the zone, and how all of it goes. */
    public FleetNames names() {
        return new FleetNames(fleet, dns, zone, this);
    }

    /** What proves to ACME servers that names are the fleet's. */
    public ChallengeRecords challenges() {
        return new ChallengeRecords(List.of(new ChallengeRecords.Place(dns.name(), zone)), this);
    }

    /** The same where aliases (CNAME) may lead into another zone of this name. */
    public ChallengeRecords challenges(DnsName name, Zone other) {
        return new ChallengeRecords(
                List.of(new ChallengeRecords.Place(dns.name(), zone), new ChallengeRecords.Place(name, other)), this);
    }

    /** Drains through the zone's provider. */
    public DnsDrains drains() {
        return new DnsDrains(fleet, zone, this);
    }

    DnsPlanner planner() throws IOException, InterruptedException {
        return new DnsPlanner(fleet, dns, zone.recordSets(dns.name()), zone.healthChecks(references()), adopt);
    }

    /** The fleet's own records as they stand in the zone. */
    public List<RecordSet> records() throws IOException, InterruptedException {
        return planner().own();
    }

    /** What says in the zone whose the fleet's names are: its {@code text} as a master file has it (RFC 1035, section 5.1). */
    public record Claim(DnsName name, String text) {}

    /** The claim that stands in the zone; absent where nothing stands there. */
    public Optional<Claim> claim() throws IOException, InterruptedException {
        return Marker.find(dns.name(), zone.recordSets(dns.name()))
                .filter(marker -> marker.content() instanceof RecordSet.Content.Values)
                .map(marker -> new Claim(
                        marker.name(), String.join(" ", ((RecordSet.Content.Values) marker.content()).values())));
    }

    /** What the health checkers say of the nodes that are in DNS. */
    public Map<NodeId, Zone.HealthState> health() throws IOException, InterruptedException {
        Map<RecordSet.Key, CheckReference> checks = new HashMap<>();
        Set<String> held = zone.healthChecks(references()).stream()
                .filter(HealthCheck::held)
                .map(HealthCheck::id)
                .collect(Collectors.toSet());
        for (RecordSet records : zone.recordSets(dns.name())) {
            records.check().ifPresent(check -> checks.put(records.key(), check));
        }
        Map<NodeId, Zone.HealthState> states = new LinkedHashMap<>();
        for (Node node : fleet.nodes()) {
            for (String type : RecordTree.TYPES) {
                if (checks.get(RecordTree.leafKey(fleet.name(), dns, node.id(), type))
                        instanceof CheckReference.Existing check) {
                    states.put(
                            node.id(),
                            held.contains(check.id())
                                    ? new Zone.HealthState.Unhealthy("drained through DNS")
                                    : zone.healthState(check.id()));
                }
            }
        }
        return states;
    }

    /** The ids of all checks that the plan's records want, after those that are missing have been created. */
    private Map<HealthCheckSettings, String> checks(DnsPlan plan) throws IOException, InterruptedException {
        Map<HealthCheckSettings, String> ids = new HashMap<>();
        List<HealthCheck> present = zone.healthChecks(references());
        present.forEach(check -> check.settings().ifPresent(settings -> ids.putIfAbsent(settings, check.id())));
        for (HealthCheckSettings settings : plan.checksToCreate()) {
            if (!ids.containsKey(settings)) {
                progress.accept("health check for " + settings.address() + ":" + settings.port());
                ids.put(settings, created(settings, present));
            }
        }
        return ids;
    }

    private String created(HealthCheckSettings settings, List<HealthCheck> present)
            throws IOException, InterruptedException {
        String prefix = references() + digest(settings.toString(), 16) + ":";
        long generation = 1
                + present.stream()
                        .map(HealthCheck::reference)
                        .filter(reference -> reference.startsWith(prefix))
                        .count();
        var tags = Map.of(
                "Name",
                "flotilla " + fleet.name() + " " + settings.address(),
                "flotilla:fleet",
                fleet.name().value());
        // The reference of a deleted check stays taken for days, so the next generation is tried.
        for (long last = generation + MOST_GENERATIONS; generation < last; generation++) {
            if (zone.createHealthCheck(settings, prefix + generation, tags) instanceof Zone.Creation.Created created) {
                return created.id();
            }
        }
        throw new IOException("no health check for " + settings.address() + " could be created: " + MOST_GENERATIONS
                + " references in a row are taken by checks that were deleted lately");
    }

    boolean awaitSync(String changeId) throws IOException, InterruptedException {
        return awaitSync(zone, changeId);
    }

    /** The same in a zone that isn't the fleet's. */
    boolean awaitSync(Zone of, String changeId) throws IOException, InterruptedException {
        long begin = nanoTime.getAsLong();
        while (!of.inSync(changeId)) {
            if (nanoTime.getAsLong() - begin > timing.limit().toNanos()) {
                return false;
            }
            pause.elapse(timing.poll());
        }
        return true;
    }

    /** What the references of this fleet's health checks begin with. */
    private String references() {
        return "flotilla:" + digest(fleet.name() + " " + dns.name(), 12) + ":";
    }

    private static Change withChecks(Change change, Map<HealthCheckSettings, String> checks) {
        return switch (change) {
            case Change.Create create -> new Change.Create(withCheck(create.records(), checks));
            case Change.Replace replace -> new Change.Replace(replace.before(), withCheck(replace.records(), checks));
            case Change.Delete delete -> delete;
        };
    }

    private static RecordSet withCheck(RecordSet records, Map<HealthCheckSettings, String> checks) {
        if (records.check().isPresent() && records.check().get() instanceof CheckReference.Wanted wanted) {
            String id = checks.get(wanted.settings());
            if (id == null) {
                throw new IllegalStateException("the plan creates no check for " + records);
            }
            return records.withCheck(new CheckReference.Existing(id));
        }
        return records;
    }

    private static String digest(String text, int digits) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, digits);
    }
}
