package dev.flotilla.agent.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.intent.Drain;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.rollout.Member;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DrainJudgeTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private static Intents intents(int minimum, List<Member> meant) {
        Intents intents = Intents.begin(NOW, minimum);
        for (Member member : meant) {
            intents = intents.drained(
                    new Drain(member.region(), Optional.of(member.node()), Optional.empty(), "", "ann", NOW));
        }
        return intents;
    }

    private static List<Member> members(int count) {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(Member.parse((i % 2 == 0 ? "east" : "west") + "/node-" + i));
        }
        return members;
    }

    /** A node of a simulated fleet: what it knows and does, and what its report says of that, later. */
    private static final class Node {
        private Known known;
        private boolean drained;
        private long reportedVersion;
        private boolean reportedDrained;

        Node(Known known) {
            this.known = known;
        }
    }

    /**
     * Any order of looking, going and reporting, with reports that lag behind and operators who change their minds: the smallest
     * number of nodes goes on serving at every moment.
     */
    @Test
    void inNoOrderOfEventsDoFewerServeThanHaveTo() throws Exception {
        var random = new Random(20260602);
        int drains = 0;
        int sooner = 0;
        for (int run = 0; run < 1000; run++) {
            // Few nodes, so that each one counts, and reports that are far behind, in half of all runs.
            boolean tight = run % 2 == 0;
            List<Member> members = members(2 + random.nextInt(tight ? 2 : 7));
            int minimum = tight ? members.size() - 1 : random.nextInt(members.size() + 1);
            List<Node> nodes = new ArrayList<>();
            var all = new TreeSet<>(members);
            List<Intents> versions = new ArrayList<>(List.of(intents(minimum, List.of())));
            members.forEach(
                    member -> nodes.add(new Node(Known.NOTHING.then(0, Optional.of(versions.getFirst()), all))));
            for (int event = 0; event < 200; event++) {
                int which = random.nextInt(members.size());
                Node node = nodes.get(which);
                switch (random.nextInt(tight ? 8 : 10)) {
                    case 0 ->
                        versions.add(intents(
                                minimum,
                                members.stream()
                                        .filter(member -> random.nextInt(3) > 0)
                                        .toList()));
                    case 1, 2 -> {
                        // Each change, or the newest past all between.
                        int next = (int) node.known.version() + (versions.size() > node.known.version() + 1 ? 1 : 0);
                        int learned = random.nextBoolean() ? next : versions.size() - 1;
                        node.known = node.known.then(learned, Optional.of(versions.get(learned)), all);
                    }
                    case 3, 8, 9 -> {
                        node.reportedVersion = node.known.version();
                        node.reportedDrained = node.drained;
                    }
                    default -> {
                        var unaware = new AtomicInteger();
                        var decision = DrainJudge.judge(
                                members.get(which),
                                node.known.members(),
                                node.known.intents().orElseThrow(),
                                NOW,
                                member -> {
                                    Node seen = nodes.get(members.indexOf(member));
                                    boolean serves =
                                            !seen.reportedDrained && node.known.trusts(member, seen.reportedVersion);
                                    if (serves && seen.reportedVersion < node.known.version()) {
                                        unaware.incrementAndGet();
                                    }
                                    return serves;
                                });
                        node.drained = decision instanceof DrainJudge.Decision.Go;
                        drains += node.drained ? 1 : 0;
                        sooner += node.drained && unaware.get() > 0 ? 1 : 0;
                    }
                }
                long serving = nodes.stream().filter(one -> !one.drained).count();
                assertThat(serving).isGreaterThanOrEqualTo(Math.min(minimum, members.size()));
            }
        }
        assertThat(drains).isGreaterThan(1000);
        assertThat(sooner).as("drains that waited for nobody to learn of them").isGreaterThan(100);
    }

    @Test
    void whereAllAreMeantTheFirstStaysAndTheOthersGo() throws Exception {
        List<Member> members = members(4);
        Intents all = intents(1, members);
        var sorted = new TreeSet<>(members);
        for (Member member : sorted) {
            var decision = DrainJudge.judge(member, sorted, all, NOW, other -> true);
            assertThat(decision instanceof DrainJudge.Decision.Go)
                    .as(member.toString())
                    .isEqualTo(!member.equals(sorted.first()));
        }
    }

    @Test
    void noMoreReportsAreReadThanNeededAndNeverMoreThanTheLimit() throws Exception {
        List<Member> members = members(500);
        var asked = new AtomicInteger();
        Member self = members.getLast();
        DrainJudge.judge(self, new TreeSet<>(members), intents(3, List.of(self)), NOW, other -> {
            asked.incrementAndGet();
            return true;
        });
        assertThat(asked).hasValue(3);
        asked.set(0);
        DrainJudge.judge(self, new TreeSet<>(members), intents(3, List.of(self)), NOW, other -> {
            asked.incrementAndGet();
            return false;
        });
        assertThat(asked).hasValue(DrainJudge.MOST_ASKED);
        asked.set(0);
        DrainJudge.judge(members.getFirst(), new TreeSet<>(members), intents(3, List.of(self)), NOW, other -> {
            asked.incrementAndGet();
            return true;
        });
        assertThat(asked).as("who isn't meant asks nobody").hasValue(0);
    }
}
