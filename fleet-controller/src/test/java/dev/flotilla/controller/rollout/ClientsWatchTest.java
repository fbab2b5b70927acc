package dev.flotilla.controller.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.report.Health;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.rollout.IntentWatch.Word;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Nodes that look at their mirrors every ten seconds, and report now and then, by a clock of the test's own. */
class ClientsWatchTest {
    private static final NodeId FIRST = new NodeId(new RegionName("east"), new NodeName("east-1"));
    private static final NodeId SECOND = new NodeId(new RegionName("east"), new NodeName("east-2"));
    private static final Instant BEGIN = Instant.parse("2026-06-01T12:00:00Z");

    private final Map<NodeId, List<Counted>> counts = new TreeMap<>();
    private final List<String> progress = new ArrayList<>();
    private long second;

    /** What a mirror has answered at some second. */
    private record Counted(long second, long mirror, long requests) {}

    private void counts(NodeId node, Counted... counted) {
        counts.put(node, List.of(counted));
    }

    private Map<NodeId, NodeReport> look(Collection<NodeId> nodes) {
        Map<NodeId, NodeReport> reports = new TreeMap<>();
        for (NodeId node : nodes) {
            counts.getOrDefault(node, List.of()).stream()
                    .filter(counted -> counted.second() <= second)
                    .reduce((earlier, later) -> later)
                    .ifPresent(counted -> reports.put(node, report(node, counted)));
        }
        return reports;
    }

    private NodeReport report(NodeId node, Counted counted) {
        return new NodeReport(
                        new FleetName("acme"),
                        node.region(),
                        node.node(),
                        BEGIN.plusSeconds(second),
                        new NodeReport.Agent("test", 1),
                        Optional.empty(),
                        Optional.of(new NodeReport.Mirror(counted.mirror(), true, BEGIN, 0, 1)),
                        NodeReport.Condition.HEALTHY,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .with(Optional.of(new Health(
                        new Health.Disk(ByteSize.ofMiB(1), ByteSize.ofMiB(2)),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(new Health.Clients(counted.requests(), BEGIN.plusSeconds(counted.second()))),
                        Optional.empty())));
    }

    private Map<NodeId, Word> await(Duration answersLast, double quiet, Duration limit, NodeId... nodes)
            throws InterruptedException {
        return new ClientsWatch(
                        this::look,
                        new ClientsWatch.Terms(answersLast, quiet, Duration.ofSeconds(1)),
                        () -> Duration.ofSeconds(second).toNanos(),
                        time -> second += time.toSeconds())
                .await(List.of(nodes), limit, (node, pace) -> progress.add(second + " " + node.node() + " " + pace));
    }

    @Test
    void clientsHaveLeftWhenHardlyOneComesAndNoAnswerThatLeadsThereIsLeft() throws Exception {
        counts(FIRST, new Counted(0, 7, 1000), new Counted(10, 7, 1200), new Counted(20, 7, 1203));
        assertThat(await(Duration.ofSeconds(15), 0.5, Duration.ofMinutes(5), FIRST))
                .containsExactly(Map.entry(
                        FIRST, new Word.Done("drained, and 0.3 requests a second came up to 2026-06-01T12:00:20Z")));
        assertThat(second).isEqualTo(20);
        assertThat(progress)
                .containsExactly(
                        "10 east-1 20.0 requests a second came up to 2026-06-01T12:00:10Z",
                        "20 east-1 0.3 requests a second came up to 2026-06-01T12:00:20Z");
    }

    @Test
    void quietBeforeItsTimeIsNotEnough() throws Exception {
        counts(FIRST, new Counted(0, 7, 1000), new Counted(10, 7, 1000), new Counted(90, 7, 1000));
        assertThat(await(Duration.ofSeconds(90), 0, Duration.ofMinutes(5), FIRST)
                        .get(FIRST))
                .isInstanceOf(Word.Done.class);
        assertThat(second).isEqualTo(90);
    }

    @Test
    void aFigureOfBeforeSaysNothingOfNow() throws Exception {
        counts(FIRST, new Counted(0, 7, 1000), new Counted(10, 7, 1000));
        assertThat(await(Duration.ofSeconds(90), 0, Duration.ofMinutes(5), FIRST)
                        .get(FIRST))
                .isInstanceOf(Word.Awaited.class);
    }

    @Test
    void whatStillComesWhenTheTimeIsOverIsSaidNodeByNode() throws Exception {
        counts(FIRST, new Counted(0, 7, 0), new Counted(10, 7, 100), new Counted(20, 7, 200));
        counts(SECOND, new Counted(0, 8, 0), new Counted(10, 8, 0), new Counted(20, 8, 0));
        Map<NodeId, Word> words = await(Duration.ZERO, 0.5, Duration.ofSeconds(25), FIRST, SECOND);
        assertThat(words)
                .containsEntry(FIRST, new Word.Awaited("10.0 requests a second came up to 2026-06-01T12:00:20Z"))
                .containsEntry(
                        SECOND, new Word.Done("drained, and 0.0 requests a second came up to 2026-06-01T12:00:20Z"));
        assertThat(second).isEqualTo(25);
    }

    @Test
    void aMirrorThatBeganAnewIsCountedAnewAndTheSameLookIsNotTakenForQuiet() throws Exception {
        counts(FIRST, new Counted(0, 7, 1000), new Counted(10, 9, 1200), new Counted(20, 9, 5));
        assertThat(await(Duration.ZERO, 0.5, Duration.ofSeconds(25), FIRST))
                .containsEntry(FIRST, new Word.Awaited("it has not counted twice yet"));
        assertThat(progress).isEmpty();
    }

    @Test
    void aNodeThatDoesNotCountIsNamed() throws Exception {
        assertThat(await(Duration.ZERO, 0.5, Duration.ofSeconds(3), FIRST).get(FIRST))
                .isEqualTo(new Word.Awaited(
                        "it doesn't say how many clients come: its agent or its mirror doesn't count them"));
    }
}
