package dev.flotilla.agent.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.RolloutPlan.Wave;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random fleets with wrong clocks whose nodes decide alone, second by second, each by the reports that it finds. */
class RolloutPropertiesTest {
    private static final long RELEASE = 7;
    private static final int LARGEST_SKEW_SECONDS = 300;
    private static final Duration SILENCE = Duration.ofMinutes(20);
    private static final int LONGEST_SECONDS = 4 * 3600;

    /** What becomes of a node that goes. */
    private enum Fate {
        GOOD,
        FAILS,
        FALLS_SILENT
    }

    /** A fleet at one second after the other, by the one clock that is right. */
    private static final class World {
        private final RolloutPlan plan;
        private final Map<Member, Node> nodes = new HashMap<>();
        private final Map<Member, NodeReport> bucket = new HashMap<>();

        private final class Node {
            private final Member self;
            private final Fate fate;
            private final Duration skew;
            private final int phase;
            private final int takes;
            private Optional<Integer> went = Optional.empty();
            private Optional<Instant> seen = Optional.empty();

            Node(Member self, Fate fate, Random random) {
                this.self = self;
                this.fate = fate;
                this.skew = Duration.ofSeconds(random.nextInt(-LARGEST_SKEW_SECONDS, LARGEST_SKEW_SECONDS));
                this.phase = random.nextInt(10);
                this.takes = random.nextInt(20);
            }

            void live(int second) {
                Instant clock = at(second).plus(skew);
                if (second % 10 == phase && went.isEmpty()) {
                    Map<Member, Standing> standings = new HashMap<>();
                    bucket.forEach((member, report) -> standings.put(member, Standing.of(report, RELEASE)));
                    seen = seen.or(() -> Optional.of(clock));
                    Verdict verdict =
                            new RolloutJudge(plan, standings, seen.get(), clock).verdict(self, false, Optional.empty());
                    if (verdict instanceof Verdict.Go) {
                        went = Optional.of(second);
                    }
                }
                if (second % 7 == phase % 7) {
                    say(second, clock);
                }
            }

            private void say(int second, Instant clock) {
                boolean arrived = went.filter(begun -> second - begun >= takes).isPresent();
                if (!arrived) {
                    bucket.put(self, Plans.healthy(self.toString(), RELEASE - 1, clock, clock));
                } else if (fate == Fate.FAILS) {
                    bucket.put(self, Plans.reverted(self.toString(), RELEASE, clock));
                } else if (fate == Fate.GOOD) {
                    Instant since = at(went.orElseThrow() + takes).plus(skew);
                    bucket.put(self, Plans.healthy(self.toString(), RELEASE, since, clock));
                }
            }

            /** Whether it has been healthy for so long, by the right clock. */
            boolean isProved(int second, Duration soak) {
                return fate == Fate.GOOD
                        && went.filter(begun -> second - begun - takes >= soak.toSeconds())
                                .isPresent();
            }
        }

        World(RolloutPlan plan, Map<Member, Fate> fates, Random random) {
            this.plan = plan;
            fates.forEach((member, fate) -> nodes.put(member, new Node(member, fate, random)));
        }

        private static Instant at(int second) {
            return Plans.START.plusSeconds(LARGEST_SKEW_SECONDS + second);
        }

        void live() {
            for (int second = 0; second < LONGEST_SECONDS; second++) {
                for (Node node : nodes.values()) {
                    boolean before = node.went.isPresent();
                    node.live(second);
                    if (!before && node.went.isPresent()) {
                        thoseBeforeAreProved(node, second);
                    }
                }
            }
        }

        private void thoseBeforeAreProved(Node node, int second) {
            for (Wave wave : plan.waves().subList(0, plan.place(node.self))) {
                assertThat(wave.counted().stream()
                                .filter(member -> Objects.requireNonNull(nodes.get(member))
                                        .isProved(second, wave.soak())))
                        .as("%s went at %s s", node.self, second)
                        .hasSizeGreaterThanOrEqualTo(plan.needed(wave.counted().size()));
            }
        }

        List<Member> without(Predicate<Node> property) {
            return nodes.values().stream()
                    .filter(property.negate())
                    .map(node -> node.self)
                    .toList();
        }
    }

    private static RolloutPlan plan(Random random) {
        List<Wave> waves = new ArrayList<>();
        int number = 0;
        for (int wave = 0; wave < 2 + random.nextInt(4); wave++) {
            List<Member> members = new ArrayList<>();
            int size = random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(12);
            for (int i = 0; i < size; i++) {
                members.add(Member.parse((random.nextBoolean() ? "east" : "west") + "/node-" + number++));
            }
            waves.add(new Wave(Duration.ofSeconds(random.nextInt(300)), members, List.of()));
        }
        return new RolloutPlan(Plans.START, SILENCE, 1 + random.nextInt(60), true, false, AllowedHours.ALWAYS, waves);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void nobodyGoesBeforeTheWavesBeforeAreProvedWhateverFails(long seed) {
        var random = new Random(seed);
        RolloutPlan plan = plan(random);
        Map<Member, Fate> fates = new HashMap<>();
        for (Wave wave : plan.waves()) {
            wave.members()
                    .forEach(member -> fates.put(
                            member, random.nextInt(5) == 0 ? Fate.values()[1 + random.nextInt(2)] : Fate.GOOD));
        }
        new World(plan, fates, random).live();
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28})
    void asManyBrokenNodesAsAreBelowTheQuorumStopNobody(long seed) {
        var random = new Random(seed);
        RolloutPlan plan = plan(random);
        Map<Member, Fate> fates = new HashMap<>();
        for (Wave wave : plan.waves()) {
            int broken = plan.quorum(wave.counted().size()) - 1;
            for (int i = 0; i < wave.counted().size(); i++) {
                fates.put(wave.counted().get(i), i < broken ? Fate.values()[1 + random.nextInt(2)] : Fate.GOOD);
            }
        }
        var world = new World(plan, fates, random);
        world.live();
        assertThat(world.without(node -> node.went.isPresent())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34, 35, 36, 37, 38})
    void aReleaseThatIsBadEverywhereIsSeenByTheFirstWaveAlone(long seed) {
        var random = new Random(seed);
        RolloutPlan plan = plan(random);
        Fate fate = random.nextBoolean() ? Fate.FAILS : Fate.FALLS_SILENT;
        Map<Member, Fate> fates = new HashMap<>();
        plan.waves().forEach(wave -> wave.members().forEach(member -> fates.put(member, fate)));
        var world = new World(plan, fates, random);
        world.live();
        assertThat(world.without(node -> node.went.isEmpty())).allMatch(member -> plan.place(member) == 0);
    }
}
