package dev.flotilla.controller.status;

import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.status.FleetView.Readiness;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Asks many nodes at the same time whether they serve. */
public record FleetReadiness(Duration question) {
    public static final Duration QUESTION = FleetStatus.Limits.USUAL.question();

    /** Every node has an answer. */
    public Map<NodeId, Readiness> ask(Collection<Node> nodes) throws InterruptedException {
        return ask(nodes, Node::readiness);
    }

    /** The same by HTTPS, where all of them have that, whatever their certificates. */
    public Map<NodeId, Readiness> askEncrypted(Collection<Node> nodes) throws InterruptedException {
        return ask(nodes, Node::encryptedReadiness);
    }

    private Map<NodeId, Readiness> ask(Collection<Node> nodes, Function<Node, URI> readiness)
            throws InterruptedException {
        var questions = new Questions(FleetStatus.Limits.USUAL.atOnce(), FleetStatus.Limits.USUAL.whole());
        try (var probe = new ReadinessProbe(question)) {
            Map<NodeId, Questions.Answer<Readiness>> asked = new LinkedHashMap<>();
            for (Node node : nodes) {
                asked.put(node.id(), questions.ask(() -> probe.ask(readiness.apply(node)), Readiness.NotReady::new));
            }
            Map<NodeId, Readiness> answers = new LinkedHashMap<>();
            for (Map.Entry<NodeId, Questions.Answer<Readiness>> answer : asked.entrySet()) {
                answers.put(answer.getKey(), answer.getValue().await());
            }
            return answers;
        } finally {
            questions.end();
        }
    }
}
