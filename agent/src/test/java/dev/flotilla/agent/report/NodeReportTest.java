package dev.flotilla.agent.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.RegionName;
import dev.flotilla.vocabulary.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class NodeReportTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00.123456Z");

    private static NodeReport report(Optional<String> problem) {
        return new NodeReport(
                        new FleetName("local"),
                        new RegionName("east"),
                        new NodeName("east-1"),
                        NOW,
                        new NodeReport.Agent("0.1.0", 123),
                        Optional.of(new NodeReport.Release(4, NodeReport.State.REVERTED, NOW)),
                        Optional.of(new NodeReport.Mirror(456, true, NOW, 2, 3)),
                        problem.isEmpty() ? NodeReport.Condition.HEALTHY : NodeReport.Condition.DEGRADED,
                        problem,
                        Optional.of(new NodeReport.Trust(2, 17, NOW, problem.map(text -> "timestamp 17 ends"))),
                        problem.map(text -> 4L),
                        problem.map(text -> new NodeReport.Waiting(5, true, text, Optional.of(NOW))))
                .with(new NodeReport.Steering(
                        3,
                        true,
                        Optional.of("by ann"),
                        problem,
                        problem.map(text -> "by bob"),
                        7,
                        2,
                        problem.map(text -> "no mirror")))
                .withWheels(problem.map(text -> new NodeReport.Wheels(
                        9,
                        Optional.of(NOW),
                        new TreeMap<>(
                                Map.of(PlatformSlug.parse("debian-12-x86_64").orElseThrow(), Sha256.of(new byte[0]))),
                        Optional.of(text))));
    }

    @Test
    void aReportComesBackAsItWas() {
        for (NodeReport report : new NodeReport[] {report(Optional.empty()), report(Optional.of("it \"hurts\"\n"))}) {
            assertThat(NodeReport.parse(report.toBytes())).isEqualTo(report);
        }
    }

    @Test
    void aNodeWithoutReleaseAndMirrorHasAReportToo() {
        var fresh = new NodeReport(
                new FleetName("local"),
                new RegionName("east"),
                new NodeName("east-1"),
                NOW,
                new NodeReport.Agent("0.1.0", 123),
                Optional.empty(),
                Optional.empty(),
                NodeReport.Condition.DEGRADED,
                Optional.of("no release"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        assertThat(new String(fresh.toBytes(), StandardCharsets.UTF_8)).contains("\"state\": \"none\"");
        assertThat(NodeReport.parse(fresh.toBytes())).isEqualTo(fresh);
    }

    @Test
    void whatALaterVersionAddsIsPassedOver() {
        String extended = new String(report(Optional.empty()).toBytes(), StandardCharsets.UTF_8)
                .replaceFirst("\\{", "{\"disk\": {\"free\": 1},");
        assertThat(NodeReport.parse(extended.getBytes(StandardCharsets.UTF_8))).isEqualTo(report(Optional.empty()));
    }

    @Test
    void aLongProblemIsCut() {
        assertThat(report(Optional.of("x".repeat(9000))).problem().orElseThrow())
                .hasSize(4000)
                .endsWith("…");
    }

    @Test
    void anotherFormatAndContradictionsAreMalformed() {
        String right = new String(report(Optional.empty()).toBytes(), StandardCharsets.UTF_8);
        for (String wrong : new String[] {
            right.replace("\"format\": 1", "\"format\": 2"),
            right.replace("healthy", "degraded"),
            right.replace("reverted", "unheard-of"),
            right.replace("\"east\"", "\"East\""),
            "{}"
        }) {
            assertThatThrownBy(() -> NodeReport.parse(wrong.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(MalformedJsonException.class);
        }
    }
}
