package dev.flotilla.mirror.http;

import dev.flotilla.mirror.ops.Readiness;

/**
 * Answers those who ask whether this node can serve: load balancers, health checks, the agent. Who it is that answers is
 * said, too: while one mirror takes over from another, its agent has to know.
 */
final class ProbeResponses {
    private final Readiness readiness;
    private final String node;
    private final String who;

    ProbeResponses(Readiness readiness, String node) {
        this.readiness = readiness;
        this.node = node;
        this.who = node + "\nprocess " + ProcessHandle.current().pid() + "\n";
    }

    void ready(Exchange exchange) {
        switch (readiness.state()) {
            case Readiness.State.Ready ignored -> exchange.text(200, "ready " + who);
            case Readiness.State.Drained ignored -> exchange.text(503, "drained " + who);
            case Readiness.State.Draining ignored -> exchange.fail(FailureMapping.draining());
            case Readiness.State.NotReady notReady -> exchange.fail(FailureMapping.notReady(notReady.reason()));
        }
    }

    /** That it answers is the answer. */
    void live(Exchange exchange) {
        exchange.text(200, "alive " + node + "\n");
    }
}
