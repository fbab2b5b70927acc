package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.rollout.FleetReports;
import dev.flotilla.controller.rollout.PlanText;
import dev.flotilla.controller.rollout.RolloutPlanning;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Gives a release its rollout. What a release says is compared without it: a new plan alone is no new release. */
final class Waves {
    private static final String PATH = TargetPath.rollout().value();

    private final Ground ground;
    private final boolean emergency;

    Waves(Ground ground, boolean emergency) {
        this.ground = ground;
        this.emergency = emergency;
    }

    /** The files of a release with its plan. */
    sealed interface Planned {
        record Done(SortedMap<String, TargetFile> files) implements Planned {}

        record Not(Publishing why) implements Planned {}
    }

    static SortedMap<String, TargetFile> without(SortedMap<String, TargetFile> files) {
        SortedMap<String, TargetFile> contents = new TreeMap<>(files);
        contents.remove(PATH);
        return contents;
    }

    private static SortedMap<String, TargetFile> with(SortedMap<String, TargetFile> contents, TargetFile plan) {
        SortedMap<String, TargetFile> files = new TreeMap<>(contents);
        files.put(PATH, plan);
        return files;
    }

    private Optional<TargetsMetadata> current() {
        return ground.before().metadata().map(TrustedMetadata::targets);
    }

    /** Whether the release in the bucket has to be published once more, for it goes slower than an emergency allows. */
    boolean hasten() {
        return emergency
                && current()
                        .flatMap(targets -> targets.target(TargetPath.rollout()))
                        .filter(file -> !isEmergency(file))
                        .isPresent();
    }

    private boolean isEmergency(TargetFile file) {
        var key = BucketLayout.target(TargetPath.rollout(), file.sha256());
        try {
            return ground.bucket().get(key, Optional.empty(), RolloutPlan.LARGEST) instanceof Bucket.Lookup.Found found
                    && RolloutPlan.parse(found.content()).emergency();
        } catch (MalformedJsonException newer) {
            return false;
        }
    }

    /** With the plan of the release before: it is the same release, only signed again. */
    Planned kept(SortedMap<String, TargetFile> contents) {
        return new Planned.Done(current()
                .flatMap(targets -> targets.target(TargetPath.rollout()))
                .map(plan -> with(contents, plan))
                .orElse(contents));
    }

    /** With a plan made for now, which is brought into the bucket. A first release needs none: no node has another one. */
    Planned planned(SortedMap<String, TargetFile> contents) {
        Optional<RolloutPlan> plan = plan(contents);
        if (plan.isEmpty()) {
            return new Planned.Done(contents);
        }
        PlanText.lines(plan.get(), ground.now()).forEach(ground.progress());
        byte[] document = plan.get().toBytes();
        TargetFile file = TargetFile.of(document);
        var key = BucketLayout.target(TargetPath.rollout(), file.sha256());
        return switch (ground.bucket().put(key, document, Bucket.Condition.none())) {
            case Bucket.Writing.Written ignored -> new Planned.Done(with(contents, file));
            case Bucket.Writing.Conflict conflict -> new Planned.Not(new Publishing.Failed(conflict.reason()));
            case Bucket.Writing.Failed failed -> new Planned.Not(new Publishing.Failed(failed.reason()));
        };
    }

    List<String> preview(SortedMap<String, TargetFile> contents) {
        if (current().isEmpty()) {
            return List.of("a first release: every node takes it at once");
        }
        if (contents.equals(without(current().orElseThrow().targets())) && !hasten()) {
            return List.of("nothing has changed: there would be no release");
        }
        return plan(contents)
                .map(plan -> PlanText.lines(plan, ground.now()))
                .orElseGet(() -> List.of("no waves: every node takes it at once"));
    }

    private Optional<RolloutPlan> plan(SortedMap<String, TargetFile> contents) {
        Optional<TargetsMetadata> before = current();
        if (before.isEmpty() || ground.fleet().rollout().waves().isEmpty()) {
            return Optional.empty();
        }
        Map<NodeId, NodeReport> reports = FleetReports.read(ground.fleet(), ground.bucket());
        var planning = new RolloutPlanning(ground.fleet(), reports, ground.now());
        Set<NodeId> affected = new HashSet<>(planning.behind(before.get().version()));
        for (Node node : ground.fleet().nodes()) {
            var configuration =
                    TargetPath.mirrorConfiguration(node.id().region(), node.id().node());
            if (differ(before.get(), contents, configuration)
                    || differ(before.get(), contents, TargetPath.mirrorProgram())
                    || differ(before.get(), contents, TargetPath.agentProgram())) {
                affected.add(node.id());
            }
        }
        return planning.plan(affected, emergency);
    }

    private static boolean differ(TargetsMetadata before, SortedMap<String, TargetFile> after, TargetPath path) {
        return !before.target(path).equals(Optional.ofNullable(after.get(path.value())));
    }
}
