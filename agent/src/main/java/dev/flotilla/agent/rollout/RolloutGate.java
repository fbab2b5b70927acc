package dev.flotilla.agent.rollout;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.RolloutPlan.Wave;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stands between a trusted release and a node: reads the release's plan and the reports of those that go before, and judges.
 * Reads as few reports as tell: wave by wave up to the first that hasn't passed, and no more in one judgement than the
 * limit, those first that were read longest ago. Remembers what it read until another release comes. For one thread.
 */
public final class RolloutGate {
    private final Bucket bucket;
    private final FleetName fleet;
    private final Member self;
    private final int reads;
    private Optional<Known> known = Optional.empty();
    private final Map<Member, Look> looks = new HashMap<>();
    private long looksSoFar;

    /**
     * Nothing is read yet.
     *
     * @param self the node that asks
     * @param reads the most reports that one judgement reads
     */
    public RolloutGate(Bucket bucket, FleetName fleet, Member self, int reads) {
        this.bucket = bucket;
        this.fleet = fleet;
        this.self = self;
        this.reads = reads;
    }

    private record Known(long release, Sha256 digest, RolloutPlan plan) {}

    /**
     * What another node said.
     *
     * @param number grows with every look
     */
    private record Look(long number, Standing standing) {}

    /**
     * What is to be judged.
     *
     * @param seen since when this node knows the release
     * @param fresh whether this node has no release at all
     * @param nothingNew whether its mirror stays as it is. It needs no turn then, unless the plan gives it one: for what else the
     *     release brings, such as another agent
     */
    public record Question(
            long release, Instant seen, Instant now, boolean fresh, boolean nothingNew, Optional<Halt> halt) {}

    /** The outcome of {@link #judge}. */
    public sealed interface Answer {
        record Judged(Verdict verdict) implements Answer {}

        /** The release's plan is none. */
        record Broken(String reason) implements Answer {}

        /** The plan can't be read now. */
        record Unavailable(String reason) implements Answer {}
    }

    /**
     * Judges a release for this node.
     *
     * @param file the plan, as the release promises it
     */
    public Answer judge(TargetFile file, Question question) {
        boolean isKnown = known.filter(plan ->
                        plan.release() == question.release() && plan.digest().equals(file.sha256()))
                .isPresent();
        Optional<Answer> hindrance = isKnown ? Optional.empty() : read(file, question.release());
        if (hindrance.isPresent()) {
            return hindrance.get();
        }
        RolloutPlan plan = known.orElseThrow().plan();
        if (question.nothingNew() && plan.place(self) == plan.waves().size()) {
            return new Answer.Judged(new Verdict.Go());
        }
        RolloutJudge judge = look(plan, question);
        return new Answer.Judged(judge.verdict(self, question.fresh(), question.halt()));
    }

    /** Reads the plan. Present is why it can't be used. */
    private Optional<Answer> read(TargetFile file, long release) {
        known = Optional.empty();
        looks.clear();
        if (file.length().compareTo(RolloutPlan.LARGEST) > 0) {
            return Optional.of(new Answer.Broken("its " + TargetPath.rollout() + " of " + file.length()
                    + " is larger than the limit of " + RolloutPlan.LARGEST));
        }
        var key = BucketLayout.target(TargetPath.rollout(), file.sha256());
        return switch (bucket.get(key, Optional.empty(), file.length())) {
            case Lookup.Absent absent -> Optional.of(new Answer.Unavailable(absent.reason()));
            case Lookup.TooLarge tooLarge -> Optional.of(new Answer.Unavailable(tooLarge.reason()));
            case Lookup.Failed failed -> Optional.of(new Answer.Unavailable(failed.reason()));
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            case Lookup.Found found -> {
                Sha256 digest = Sha256.of(found.content());
                if (!digest.equals(file.sha256())) {
                    yield Optional.of(new Answer.Unavailable("wrong digest: " + key + " has " + digest));
                }
                try {
                    known = Optional.of(new Known(release, digest, RolloutPlan.parse(found.content())));
                    yield Optional.empty();
                } catch (MalformedJsonException malformed) {
                    yield Optional.of(new Answer.Broken("its " + TargetPath.rollout() + ": " + malformed.getMessage()));
                }
            }
        };
    }

    private RolloutJudge look(RolloutPlan plan, Question question) {
        RolloutJudge judge = judge(plan, question);
        if (!plan.reports()) {
            return judge;
        }
        // A node without a release asks only whether the release is known to be bad: that may show in any wave.
        int last = question.fresh()
                ? plan.waves().size() - 1
                : Math.min(plan.place(self), plan.waves().size() - 1);
        int left = reads;
        for (int number = 0; number <= last; number++) {
            left -= look(plan.waves().get(number), question.release(), left);
            judge = judge(plan, question);
            if (!question.fresh() && !judge.waves().get(number).passed()) {
                break;
            }
        }
        return judge;
    }

    private RolloutJudge judge(RolloutPlan plan, Question question) {
        Map<Member, Standing> standings = new HashMap<>();
        looks.forEach((member, look) -> standings.put(member, look.standing()));
        return new RolloutJudge(plan, standings, question.seen(), question.now());
    }

    /** Reads at most so many reports of a wave; answers how many it tried to. */
    private int look(Wave wave, long release, int most) {
        List<Member> due = wave.counted().stream()
                .filter(member -> !member.equals(self))
                .sorted(Comparator.comparingLong(member ->
                        Optional.ofNullable(looks.get(member)).map(Look::number).orElse(0L)))
                .limit(most)
                .toList();
        int tried = 0;
        for (Member member : due) {
            tried++;
            var key = BucketLayout.report(member.region(), member.node());
            switch (bucket.get(key, Optional.empty(), NodeReport.LARGEST)) {
                case Lookup.Found found -> remember(member, standing(member, found.content(), release));
                case Lookup.Absent ignored -> remember(member, new Standing.Unknown("has never reported"));
                case Lookup.TooLarge tooLarge -> remember(member, new Standing.Unknown(tooLarge.reason()));
                case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
                case Lookup.Failed ignored -> {
                    // What was known of it counts until the silence is too long; the others are no better off now.
                    return most;
                }
            }
        }
        return tried;
    }

    private void remember(Member member, Standing standing) {
        looksSoFar++;
        looks.put(member, new Look(looksSoFar, standing));
    }

    private Standing standing(Member member, byte[] content, long release) {
        try {
            NodeReport report = NodeReport.parse(content);
            return report.fleet().equals(fleet)
                            && report.region().equals(member.region())
                            && report.node().equals(member.node())
                    ? Standing.of(report, release)
                    : new Standing.Unknown("its report is another node's");
        } catch (MalformedJsonException malformed) {
            return new Standing.Unknown("its report can't be read: " + malformed.getMessage());
        }
    }
}
