package dev.flotilla.agent.rollout;

import dev.flotilla.agent.rollout.RolloutPlan.Wave;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Judges a rollout from what its nodes say about themselves. Every node comes to its own judgement, and needs nobody else for
 * it. Pure.
 *
 * <p>No two clocks are compared to find out whether a wave has passed: a node's soak is measured between two times of its own
 * report. Clocks are compared only to find out what lasts too long, within the plan's silence.
 */
public final class RolloutJudge {
    private final RolloutPlan plan;
    private final Map<Member, Standing> standings;
    private final Instant now;
    private final List<WaveProgress> waves;

    /**
     * All that there is to judge by.
     *
     * @param reports where nodes stand; a node that is missing is not known
     * @param seen since when this observer knows the release: its waves can't have begun before for it
     */
    public RolloutJudge(RolloutPlan plan, Map<Member, Standing> reports, Instant seen, Instant now) {
        this.plan = plan;
        this.now = now;
        this.standings = plan.reports()
                ? reports.entrySet().stream()
                        .collect(Collectors.toUnmodifiableMap(
                                Map.Entry::getKey, entry -> entry.getValue().heardWithin(plan.silence(), now)))
                : Map.of();
        this.waves = progress(seen.isAfter(plan.start()) ? seen : plan.start());
    }

    public List<WaveProgress> waves() {
        return waves;
    }

    public Standing standing(Member member) {
        return standings.getOrDefault(member, new Standing.Unknown("has not been heard of"));
    }

    private List<WaveProgress> progress(Instant start) {
        List<WaveProgress> progress = new ArrayList<>();
        Instant begins = plan.hours().next(start);
        boolean open = true;
        for (int number = 0; number < plan.waves().size(); number++) {
            Wave wave = plan.waves().get(number);
            boolean byTime = !plan.reports() || wave.counted().isEmpty();
            List<Instant> soaked = soaked(wave);
            int needed = plan.needed(wave.counted().size());
            boolean passed = open && (byTime ? !now.isBefore(begins.plus(wave.soak())) : soaked.size() >= needed);
            progress.add(new WaveProgress(
                    number,
                    begins,
                    byTime
                            ? Optional.empty()
                            : Optional.of(
                                    plan.hours().after(begins, plan.silence()).plus(wave.soak())),
                    wave.counted().size(),
                    needed,
                    soaked.size(),
                    failures(wave).size(),
                    open,
                    passed));
            Instant ends = byTime || !passed ? begins.plus(wave.soak()) : bounded(soaked.get(needed - 1), begins);
            begins = plan.hours().next(ends);
            open = passed;
        }
        return List.copyOf(progress);
    }

    /** By the clocks of others, which may be wrong: a wave ends after its begin and not in the future. */
    private Instant bounded(Instant ended, Instant begins) {
        Instant latest = ended.isAfter(now) ? now : ended;
        return latest.isBefore(begins) ? begins : latest;
    }

    /** When the counted nodes that are healthy for their soak had been so, in order: one that lies moves only its own place. */
    private List<Instant> soaked(Wave wave) {
        List<Instant> ends = new ArrayList<>();
        for (Member member : wave.counted()) {
            if (standing(member) instanceof Standing.Healthy healthy && healthy.hasSoaked(wave.soak())) {
                ends.add(healthy.since().plus(wave.soak()));
            }
        }
        ends.sort(Instant::compareTo);
        return ends;
    }

    private List<Member> failures(Wave wave) {
        return wave.counted().stream()
                .filter(member -> standing(member) instanceof Standing.Failed)
                .toList();
    }

    /**
     * Whether a node goes.
     *
     * @param fresh whether it has no release at all. It isn't kept from starting by anything but a release that is known to
     *     be bad: a node without a release serves nobody
     */
    public Verdict verdict(Member self, boolean fresh, Optional<Halt> halt) {
        Optional<String> bad = aborted(halt).or(this::failed);
        if (bad.isPresent()) {
            return new Verdict.Stopped(bad.get());
        }
        if (fresh) {
            return new Verdict.Go();
        }
        if (halt.isPresent()) {
            return new Verdict.Hold("the rollout is paused: " + halt.get().reason(), Optional.empty());
        }
        if (now.isBefore(plan.start())) {
            return new Verdict.Hold("the rollout starts at " + plan.start(), Optional.of(plan.start()));
        }
        return afterWaves(plan.place(self));
    }

    /** What keeps the release from being through: {@link Verdict.Go} where nothing does, and all waves have passed. */
    public Verdict untilThrough(Optional<Halt> halt) {
        Optional<String> bad = aborted(halt).or(this::failed);
        if (bad.isPresent()) {
            return new Verdict.Stopped(bad.get());
        }
        if (waves.stream().allMatch(WaveProgress::passed)) {
            return new Verdict.Go();
        }
        return halt.<Verdict>map(wish -> new Verdict.Hold("the rollout is paused: " + wish.reason(), Optional.empty()))
                .orElseGet(() -> afterWaves(waves.size()));
    }

    private Verdict afterWaves(int place) {
        for (WaveProgress wave : waves.subList(0, place)) {
            if (!wave.passed()) {
                return waitingFor(wave);
            }
        }
        return plan.hours().areNow(now)
                ? new Verdict.Go()
                : new Verdict.Hold(
                        "outside of the hours in which nodes may begin with a release",
                        Optional.of(plan.hours().next(now)));
    }

    private static Optional<String> aborted(Optional<Halt> halt) {
        return halt.filter(wish -> wish.kind() == Halt.Kind.ABORTED)
                .map(wish -> "the rollout is aborted: " + wish.reason());
    }

    private Optional<String> failed() {
        return waves.stream()
                .filter(wave -> wave.counted() > 0 && wave.failed() >= plan.quorum(wave.counted()))
                .findFirst()
                .map(wave -> {
                    List<Member> failures = failures(plan.waves().get(wave.wave()));
                    return wave.failed() + " of " + counted(wave) + " failed it: " + failures.getFirst() + " "
                            + standing(failures.getFirst()).text();
                });
    }

    private Verdict waitingFor(WaveProgress wave) {
        if (wave.deadline().isEmpty()) {
            Instant ends = wave.begins().plus(plan.waves().get(wave.wave()).soak());
            return new Verdict.Hold("waiting for " + name(wave) + ", which goes by time", Optional.of(ends));
        }
        String lacking = wave.healthy() + " of " + wave.counted() + " are healthy for "
                + seconds(plan.waves().get(wave.wave()).soak()) + ", and " + wave.needed() + " have to be"
                + holders(wave);
        return now.isAfter(wave.deadline().get())
                ? new Verdict.Stopped(
                        name(wave) + " was not through by " + wave.deadline().get() + ": " + lacking)
                : new Verdict.Hold("waiting for " + name(wave) + ": " + lacking, Optional.empty());
    }

    /** Who holds a wave up, the first of them with its reason. */
    private String holders(WaveProgress wave) {
        Wave members = plan.waves().get(wave.wave());
        List<Member> holders = members.counted().stream()
                .filter(member ->
                        !(standing(member) instanceof Standing.Healthy healthy && healthy.hasSoaked(members.soak())))
                .toList();
        return holders.isEmpty()
                ? ""
                : "; " + holders.getFirst() + " " + standing(holders.getFirst()).text()
                        + (holders.size() == 1 ? "" : ", and " + (holders.size() - 1) + " more");
    }

    private String name(WaveProgress wave) {
        return "wave " + (wave.wave() + 1) + " of " + plan.waves().size();
    }

    private String counted(WaveProgress wave) {
        return wave.counted() + " in " + name(wave);
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
