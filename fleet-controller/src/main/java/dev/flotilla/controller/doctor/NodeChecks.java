package dev.flotilla.controller.doctor;

import static dev.flotilla.controller.doctor.Finding.Area.NODES;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.dns.Zone.HealthState;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.controller.status.Ages;
import dev.flotilla.controller.status.FleetView.NodeView;
import dev.flotilla.controller.status.FleetView.Readiness;
import dev.flotilla.controller.status.FleetView.ReportView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A node: the way there, its clock, its report, and whether it serves. */
final class NodeChecks {
    /** Looks and changes nothing. */
    private static final MachineCommand NO_OP = MachineCommand.of("/bin/sh", "-c", "echo \"$(id -u) $(date +%s)\"");

    private static final Duration USUAL_SKEW = Duration.ofSeconds(5);
    private static final Duration WORST_SKEW = Duration.ofMinutes(1);

    private NodeChecks() {}

    /**
     * What the way to a machine is like.
     *
     * @param lets whether commands run as root there
     */
    record Way(boolean lets, List<Finding> findings) {}

    /** Lets the machine do as good as nothing: so its host key, the user's key and sudo are tried. */
    static Way way(Node node, Machine asRoot, Duration limit, InstantSource clock) throws InterruptedException {
        String subject = node.id().toString();
        Instant begin = clock.instant();
        Outcome outcome = asRoot.run(NO_OP, limit);
        Instant end = clock.instant();
        return switch (outcome) {
            case Outcome.Failed failed -> new Way(false, List.of(Finding.fail(NODES, subject, failed.text())));
            case Outcome.Ended ended -> {
                String said = ended.outText().strip();
                if (ended.exitCode() != 0 || !said.matches("[0-9]{1,10} [0-9]{1,12}")) {
                    String error =
                            ended.errorText().strip().lines().findFirst().orElse("exit code " + ended.exitCode());
                    yield new Way(
                            false,
                            List.of(Finding.fail(
                                    NODES,
                                    subject,
                                    "it lets us in, and its shell doesn't do what it is told: " + error,
                                    "see what stands in the login files of that user there")));
                }
                String[] words = said.split(" ", 2);
                boolean root = words[0].equals("0");
                yield new Way(
                        root,
                        List.of(
                                root
                                        ? Finding.ok(NODES, subject, "lets us in as root")
                                        : Finding.warn(
                                                NODES,
                                                subject,
                                                "the user who logs in there isn't root",
                                                "provision and apply need root: set ssh.sudo = true, or log in as root"),
                                clock(subject, Long.parseLong(words[1]), begin, end)));
            }
        };
    }

    /** The machine says whole seconds, at some time between {@code begin} and {@code end}. */
    static Finding clock(String subject, long second, Instant begin, Instant end) {
        Duration behind = Duration.between(Instant.ofEpochSecond(second + 1), begin);
        Duration ahead = Duration.between(end, Instant.ofEpochSecond(second));
        if (behind.compareTo(USUAL_SKEW) <= 0 && ahead.compareTo(USUAL_SKEW) <= 0) {
            return Finding.ok(NODES, subject, "its clock is right");
        }
        Duration skew = behind.compareTo(ahead) > 0 ? behind : ahead;
        String text = "its clock is " + Ages.text(skew) + (behind.compareTo(ahead) > 0 ? " behind" : " ahead of")
                + " this machine's";
        String advice =
                "have it set by NTP (timedatectl set-ntp true): lifetimes, waves and reports go by the node's own clock";
        return skew.compareTo(WORST_SKEW) <= 0
                ? Finding.warn(NODES, subject, text, advice)
                : Finding.fail(NODES, subject, text, advice);
    }

    /** What is known without going there. */
    static List<Finding> seen(NodeView view, Instant now, Duration silence) {
        String subject = view.node().id().toString();
        List<Finding> found = new ArrayList<>();
        found.add(
                switch (view.readiness()) {
                    case Readiness.Ready ignored -> Finding.ok(NODES, subject, "serves");
                    case Readiness.Drained ignored ->
                        Finding.warn(
                                NODES,
                                subject,
                                "is drained",
                                "flotilla undrain " + subject + ", or agent undrain there, when it is to serve again");
                    case Readiness.NotReady not ->
                        Finding.fail(
                                NODES,
                                subject,
                                "its mirror: " + not.reason(),
                                "see flotilla logs " + subject + ", and flotilla plan");
                });
        found.add(
                switch (view.report()) {
                    case ReportView.Silent silent ->
                        Finding.fail(NODES, subject, silent.reason(), "see flotilla logs --agent " + subject);
                    case ReportView.Said said -> report(subject, said.report(), now, silence);
                });
        view.health().ifPresent(health -> found.add(health(subject, health, view.readiness())));
        return found;
    }

    private static Finding report(String subject, NodeReport report, Instant now, Duration silence) {
        Duration age = Duration.between(report.written(), now);
        if (age.compareTo(silence) > 0) {
            return Finding.fail(
                    NODES,
                    subject,
                    "has not reported for " + Ages.text(age),
                    "see whether its agent runs and reaches the bucket: flotilla logs --agent " + subject);
        }
        return report.problem()
                .map(problem -> Finding.warn(NODES, subject, "reports: " + problem, "see flotilla status"))
                .orElseGet(() -> Finding.ok(NODES, subject, "reported " + Ages.text(age) + " ago"));
    }

    private static Finding health(String subject, HealthState health, Readiness readiness) {
        return switch (health) {
            case HealthState.Healthy ignored -> Finding.ok(NODES, subject, "its health check says healthy");
            case HealthState.Unhealthy unhealthy ->
                readiness instanceof Readiness.Drained
                        ? Finding.ok(NODES, subject, "its health check has taken it out, as the drain wants")
                        : Finding.fail(
                                NODES,
                                subject,
                                "its health check says: " + unhealthy.reason(),
                                "see that the checkers of Route 53 reach its client port");
            case HealthState.Unknown unknown ->
                Finding.fail(NODES, subject, "its health check: " + unknown.reason(), "see flotilla plan");
        };
    }
}
