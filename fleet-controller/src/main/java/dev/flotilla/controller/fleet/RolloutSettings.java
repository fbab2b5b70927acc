package dev.flotilla.controller.fleet;

import dev.flotilla.agent.rollout.AllowedHours;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.RegionName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a release goes through the fleet.
 *
 * @param waves in order; none means that releases go everywhere at once. Who is in none of them goes in a last one
 * @param soak how long a wave has to be healthy before the next one goes
 * @param emergencySoak the same for an emergency
 * @param silence how much allowed time a wave may take before it stops the rollout
 * @param heard a node counts if it has reported within this time before the publication
 * @param failuresPercent how much of a wave has to fail to stop the rollout; at least two nodes of more than one
 * @param reports whether nodes can report; where they can't, waves go by time alone
 * @param hours when nodes may begin with a release
 */
public record RolloutSettings(
        List<Wave> waves,
        Duration soak,
        Duration emergencySoak,
        Duration silence,
        Duration heard,
        int failuresPercent,
        boolean reports,
        AllowedHours hours) {
    /** One node of the first region, a quarter, all. */
    private static final List<Wave> USUAL_WAVES = List.of(
            new Wave(List.of(), Optional.of(1), Optional.empty(), Optional.empty()),
            new Wave(List.of(), Optional.empty(), Optional.of(25), Optional.empty()),
            new Wave(List.of(), Optional.empty(), Optional.of(100), Optional.empty()));

    private static final Duration SHORTEST = Duration.ofSeconds(1);

    /**
     * Nodes that go together: so many more, or until a share has gone.
     *
     * @param regions where to take them; none means everywhere
     * @param nodes how many, from the first region on
     * @param sharePercent how much of these regions has gone when the wave is through, the waves before included
     * @param soak of this wave
     */
    public record Wave(
            List<RegionName> regions,
            Optional<Integer> nodes,
            Optional<Integer> sharePercent,
            Optional<Duration> soak) {
        public Wave {
            regions = List.copyOf(regions);
            if (nodes.isPresent() == sharePercent.isPresent()) {
                throw new IllegalArgumentException(
                        "a wave has either nodes, as in { nodes = 1 }, or a share, as in { share = 25 }");
            }
        }

        static Setting<Wave> read(Settings settings) {
            var regions = settings.list("regions", List.of(), RegionName::new);
            var nodes = settings.integer("nodes", 0, 1, 10_000);
            var share = settings.integer("share", 0, 1, 100);
            // Below every soak that can be written: the one of all waves.
            var soak = settings.duration("soak", Duration.ofSeconds(-1), Duration.ZERO, RolloutPlan.LONGEST);
            return settings.build(() -> new Wave(
                    regions.get(),
                    Optional.of(nodes.get()).filter(number -> number > 0),
                    Optional.of(share.get()).filter(percent -> percent > 0),
                    Optional.of(soak.get()).filter(time -> !time.isNegative())));
        }
    }

    public RolloutSettings {
        waves = List.copyOf(waves);
        if (waves.size() >= RolloutPlan.MOST_WAVES) {
            throw new IllegalArgumentException("at most " + (RolloutPlan.MOST_WAVES - 1) + " waves");
        }
    }

    static Setting<RolloutSettings> read(Settings settings) {
        var waves = settings.sections("waves", USUAL_WAVES, Wave::read);
        // Most of what a mirror does in a day it does in ten minutes.
        var soak = settings.duration("soak", Duration.ofMinutes(10), Duration.ZERO, RolloutPlan.LONGEST);
        // Long enough to see a mirror that dies of its first requests.
        var emergency = settings.duration("emergency-soak", Duration.ofMinutes(1), Duration.ZERO, RolloutPlan.LONGEST);
        // A node may be started anew, or its link be slow, without anybody having to be woken.
        var silence = settings.duration("silence", Duration.ofHours(1), SHORTEST, RolloutPlan.LONGEST);
        var heard = settings.duration("heard-within", Duration.ofMinutes(5), SHORTEST, Duration.ofDays(1));
        var failures = settings.integer("failures", 25, 1, 100);
        var reports = settings.flag("reports", true);
        var hours = settings.list("hours", List.of(), AllowedHours.Window::parse);
        return settings.build(() -> new RolloutSettings(
                waves.get(),
                soak.get(),
                emergency.get(),
                silence.get(),
                heard.get(),
                failures.get(),
                reports.get(),
                new AllowedHours(hours.get())));
    }
}
