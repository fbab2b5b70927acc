package dev.flotilla.controller.provision;

import dev.flotilla.agent.report.NodeReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** Waits until a node's own report says that it serves. Nothing is asked of the machine: from here on the agent works by itself. */
public final class ServingWatch {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    private final Supplier<Optional<NodeReport>> reports;
    private final Duration limit;

    /**
     * A watch on one node.
     *
     * @param reports reads the node's report
     * @param limit how long it is waited for
     */
    public ServingWatch(Supplier<Optional<NodeReport>> reports, Duration limit) {
        this.reports = reports;
        this.limit = limit;
    }

    /** What came of waiting. */
    public sealed interface Seen {
        /**
         * It serves.
         *
         * @param release the version of the release that it serves with
         */
        record Serving(long release) implements Seen {}

        record NotServing(String reason) implements Seen {}
    }

    /** When the node last reported, to be remembered before it is changed: what it said then says nothing about afterwards. */
    public Optional<Instant> last() {
        return reports.get().map(NodeReport::written);
    }

    /** Waits for a report after {@code before} that says that the node is healthy and its mirror ready. */
    public Seen await(Optional<Instant> before) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            Optional<NodeReport> report = reports.get()
                    .filter(said ->
                            before.filter(time -> !said.written().isAfter(time)).isEmpty());
            Optional<NodeReport.Mirror> ready = report.filter(said -> said.condition() == NodeReport.Condition.HEALTHY)
                    .flatMap(NodeReport::mirror)
                    .filter(NodeReport.Mirror::ready);
            if (ready.isPresent()) {
                return new Seen.Serving(ready.get().release());
            }
            if (System.nanoTime() >= end) {
                return new Seen.NotServing("after " + limit.toSeconds() + " s it doesn't serve: "
                        + report.map(ServingWatch::why)
                                .orElse("it has not reported, neither that it serves nor why not; flotilla logs shows"
                                        + " what its agent says"));
            }
            Thread.sleep(BETWEEN_LOOKS);
        }
    }

    private static String why(NodeReport report) {
        return report.problem()
                .or(() -> report.waiting().map(NodeReport.Waiting::reason))
                .orElseGet(() -> report.release().isEmpty()
                        ? "it has no release yet: flotilla publish"
                        : "its mirror isn't ready");
    }
}
