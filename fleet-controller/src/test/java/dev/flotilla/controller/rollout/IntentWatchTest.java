package dev.flotilla.controller.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.rollout.IntentWatch.Word;
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

class IntentWatchTest {
    private static final NodeId FIRST = new NodeId(new RegionName("east"), new NodeName("east-1"));
    private static final NodeId SECOND = new NodeId(new RegionName("east"), new NodeName("east-2"));

    private final List<List<NodeId>> asked = new ArrayList<>();

    private static NodeReport report(NodeId node, Optional<NodeReport.Steering> steering) {
        var report = new NodeReport(
                new FleetName("acme"),
                node.region(),
                node.node(),
                Instant.EPOCH,
                new NodeReport.Agent("test", 1),
                Optional.empty(),
                Optional.empty(),
                NodeReport.Condition.HEALTHY,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return steering.map(report::with).orElse(report);
    }

    private static NodeReport report(NodeId node, long intents, boolean drained) {
        return report(
                node,
                Optional.of(new NodeReport.Steering(
                        intents,
                        drained,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        0,
                        0,
                        Optional.empty())));
    }

    /** Nodes that come further with each look. */
    private Map<NodeId, NodeReport> look(Collection<NodeId> nodes) {
        asked.add(List.copyOf(nodes));
        Map<NodeId, NodeReport> reports = new TreeMap<>();
        int number = asked.size();
        if (nodes.contains(FIRST) && number > 1) {
            reports.put(FIRST, report(FIRST, 5, true));
        }
        if (nodes.contains(SECOND)) {
            reports.put(
                    SECOND,
                    number == 1
                            ? report(SECOND, Optional.empty())
                            : number == 2 ? report(SECOND, 4, true) : report(SECOND, 6, number > 3));
        }
        return reports;
    }

    @Test
    void eachNodeIsAskedUntilItKnowsAndSaysItAndNobodyAnyLonger() throws Exception {
        List<String> progress = new ArrayList<>();
        Map<NodeId, Word> words = new IntentWatch(
                        this::look,
                        5,
                        (node, said) -> said.drained() ? new Word.Done("drained") : new Word.Awaited("not yet"))
                .await(List.of(FIRST, SECOND), Duration.ofMinutes(1), (node, word) -> progress.add(node + word.text()));
        assertThat(asked)
                .containsExactly(List.of(FIRST, SECOND), List.of(FIRST, SECOND), List.of(SECOND), List.of(SECOND));
        assertThat(progress).containsExactly("east/east-1drained", "east/east-2drained");
        assertThat(words.values()).containsOnly(new Word.Done("drained"));
    }

    @Test
    void whoDeclinesIsNotWaitedFor() throws Exception {
        Map<NodeId, Word> words = new IntentWatch(
                        nodes -> Map.of(FIRST, report(FIRST, 5, false)),
                        5,
                        (node, said) -> new Word.Declined("the last one"))
                .await(List.of(FIRST), Duration.ofMinutes(1), (node, word) -> {});
        assertThat(words).containsExactly(Map.entry(FIRST, new Word.Declined("the last one")));
    }
}
