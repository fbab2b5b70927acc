package dev.flotilla.controller.dns;

import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.fleet.DnsName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A zone in memory that keeps to Route53's rules for batches, and records every one. */
public final class MemoryZone implements Zone {
    private final Map<RecordSet.Key, RecordSet> records = new LinkedHashMap<>();
    private final Map<String, HealthCheck> checks = new LinkedHashMap<>();
    private final Set<String> takenReferences = new HashSet<>();
    private final List<List<Change>> batches = new ArrayList<>();
    private Runnable beforeChange = () -> {};
    private Runnable beforeWrite = () -> {};
    private Optional<RuntimeException> failure = Optional.empty();
    private int callsUntilFailure;
    private Runnable beforeHold = () -> {};
    private boolean answersLost;
    private int nextCheck = 1;

    public void put(RecordSet set) {
        records.put(set.key(), set);
    }

    public void remove(RecordSet set) {
        records.remove(set.key());
    }

    public List<RecordSet> all() {
        return List.copyOf(records.values());
    }

    public List<HealthCheck> allChecks() {
        return List.copyOf(checks.values());
    }

    public List<List<Change>> batches() {
        return batches;
    }

    public void beforeChange(Runnable event) {
        beforeChange = event;
    }

    /** What happens just before each call that writes anything. */
    public void beforeWrite(Runnable event) {
        beforeWrite = event;
    }

    /** The writing call after that many others ends the program, as a kill would, before it has any effect. */
    public void dieAfter(int calls, RuntimeException death) {
        callsUntilFailure = calls;
        failure = Optional.of(death);
    }

    public void live() {
        failure = Optional.empty();
    }

    /** What somebody else does between what is read and the next change of a check. */
    public void beforeHold(Runnable act) {
        beforeHold = () -> {
            beforeHold = () -> {};
            act.run();
        };
    }

    /** From now on the answer of each change is lost, and the call is made again, as {@link Route53Calls} does it. */
    public void loseAnswers() {
        answersLost = true;
    }

    @Override
    public List<RecordSet> recordSets(DnsName name) {
        return records.values().stream()
                .filter(set -> set.name().isAtOrBelow(name))
                .toList();
    }

    @Override
    public List<HealthCheck> healthChecks(String prefix) {
        return checks.values().stream()
                .filter(check -> check.reference().startsWith(prefix))
                .toList();
    }

    @Override
    public Creation createHealthCheck(HealthCheckSettings settings, String reference, Map<String, String> tags) {
        writing();
        for (HealthCheck check : checks.values()) {
            if (check.reference().equals(reference)) {
                return check.settings().equals(Optional.of(settings))
                        ? new Creation.Created(check.id())
                        : new Creation.ReferenceTaken();
            }
        }
        if (!takenReferences.add(reference)) {
            return new Creation.ReferenceTaken();
        }
        String id = "check-" + nextCheck++;
        checks.put(id, new HealthCheck(id, reference, Optional.of(settings), false, 1));
        return new Creation.Created(id);
    }

    @Override
    public void deleteHealthCheck(String id) {
        writing();
        boolean named = records.values().stream()
                .anyMatch(set -> set.check().equals(Optional.of(new CheckReference.Existing(id))));
        if (named) {
            throw new AssertionError("a record in DNS still names the check " + id);
        }
        checks.remove(id);
    }

    @Override
    public Holding hold(HealthCheck check, boolean held) {
        beforeHold.run();
        writing();
        boolean done = held(check, held);
        if (answersLost) {
            return held(check, held) ? Holding.DONE : Holding.UNSURE;
        }
        return done ? Holding.DONE : Holding.OVERTAKEN;
    }

    private boolean held(HealthCheck check, boolean held) {
        if (!check.equals(checks.get(check.id()))) {
            return false;
        }
        checks.put(
                check.id(),
                new HealthCheck(check.id(), check.reference(), check.settings(), held, check.version() + 1));
        return true;
    }

    @Override
    public HealthState healthState(String id) {
        return checks.containsKey(id) ? new HealthState.Healthy() : new HealthState.Unknown("no such check");
    }

    @Override
    public Submission change(List<Change> batch, String comment) {
        beforeChange.run();
        writing();
        Submission done = changed(batch);
        return answersLost ? changed(batch) : done;
    }

    private Submission changed(List<Change> batch) {
        Map<RecordSet.Key, RecordSet> after = new LinkedHashMap<>(records);
        for (Change change : batch) {
            Optional<String> refusal = apply(change, after);
            if (refusal.isPresent()) {
                return new Submission.Refused(refusal.get());
            }
        }
        records.clear();
        records.putAll(after);
        batches.add(List.copyOf(batch));
        return new Submission.Accepted("change-" + batches.size());
    }

    private Optional<String> apply(Change change, Map<RecordSet.Key, RecordSet> after) {
        RecordSet set = change.records();
        if (change instanceof Change.Delete) {
            return after.remove(set.key(), set) ? Optional.empty() : Optional.of("not found exactly as given: " + set);
        }
        if (change instanceof Change.Create && after.containsKey(set.key())) {
            return Optional.of("it already exists: " + set);
        }
        boolean dangling = set.content() instanceof Content.Alias alias
                && after.values().stream()
                        .noneMatch(other -> other.name().equals(alias.target())
                                && other.type().equals(set.type()));
        if (dangling) {
            return Optional.of("the alias target is not there: " + set);
        }
        boolean unchecked = set.check().isPresent()
                && !(set.check().get() instanceof CheckReference.Existing existing
                        && checks.containsKey(existing.id()));
        if (unchecked) {
            return Optional.of("no such health check: " + set);
        }
        boolean mixed = after.values().stream()
                .anyMatch(other ->
                        other.name().equals(set.name()) && !other.key().equals(set.key()) && clashes(other, set));
        if (mixed) {
            return Optional.of("kinds of routing, or CNAME and others, can't share a name: " + set);
        }
        after.put(set.key(), set);
        return Optional.empty();
    }

    private static boolean clashes(RecordSet one, RecordSet other) {
        if (one.type().equals("CNAME") || other.type().equals("CNAME")) {
            return true;
        }
        if (!one.type().equals(other.type())) {
            return false;
        }
        boolean samePlace = (one.routing() instanceof Routing.Failover || one.routing() instanceof Routing.Latency)
                && one.routing().equals(other.routing());
        return samePlace
                || one.routing() instanceof Routing.Simple
                || !one.routing().getClass().equals(other.routing().getClass());
    }

    private void writing() {
        beforeWrite.run();
        if (failure.isPresent() && callsUntilFailure-- == 0) {
            throw failure.get();
        }
    }

    @Override
    public boolean inSync(String changeId) {
        return true;
    }

    @Override
    public void close() {}
}
