package dev.flotilla.agent.rollout;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.RolloutPlan.Wave;
import dev.flotilla.vocabulary.FleetName;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Plans and reports to judge by. */
final class Plans {
    static final Instant START = Instant.parse("2026-06-01T08:00:00Z");
    static final Duration SOAK = Duration.ofMinutes(10);
    static final Duration SILENCE = Duration.ofHours(1);
    static final FleetName FLEET = new FleetName("acme");

    private Plans() {}

    /** A plan whose waves are made of names with blanks between them. */
    static RolloutPlan plan(String... waves) {
        return new RolloutPlan(
                START,
                SILENCE,
                25,
                true,
                false,
                AllowedHours.ALWAYS,
                Arrays.stream(waves)
                        .map(wave -> new Wave(SOAK, members(wave), List.of()))
                        .toList());
    }

    static List<Member> members(String names) {
        return Arrays.stream(names.split(" ")).map(Member::parse).toList();
    }

    static Member member(String name) {
        return Member.parse(name);
    }

    /** What a healthy node says that has run a release since a time. */
    static NodeReport healthy(String name, long release, Instant since, Instant written) {
        return report(
                name, written, new NodeReport.Release(release, NodeReport.State.COMMITTED, since), Optional.empty());
    }

    /** What a node says that went back from the release after the one that it runs. */
    static NodeReport reverted(String name, long release, Instant written) {
        return report(
                name,
                written,
                new NodeReport.Release(release, NodeReport.State.REVERTED, written),
                Optional.of("release " + release + " reverted: the mirror was not ready"));
    }

    static NodeReport report(String name, Instant written, NodeReport.Release release, Optional<String> problem) {
        Member member = member(name);
        long runs = release.state() == NodeReport.State.REVERTED ? release.version() - 1 : release.version();
        return new NodeReport(
                FLEET,
                member.region(),
                member.node(),
                written,
                new NodeReport.Agent("test", 1),
                Optional.of(release),
                Optional.of(new NodeReport.Mirror(2, true, release.since(), 0, runs)),
                problem.isPresent() ? NodeReport.Condition.DEGRADED : NodeReport.Condition.HEALTHY,
                problem,
                Optional.empty(),
                release.state() == NodeReport.State.REVERTED ? Optional.of(release.version()) : Optional.empty(),
                Optional.empty());
    }
}
