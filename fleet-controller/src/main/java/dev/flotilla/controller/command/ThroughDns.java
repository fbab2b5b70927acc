package dev.flotilla.controller.command;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.dns.DnsDrains;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.fleet.CheckProtocol;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.status.FleetReadiness;
import dev.flotilla.controller.status.FleetView.Readiness;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** The second way to drain and undrain, for when there is no bucket: by the nodes' health checks. */
final class ThroughDns {
    @Option(
            names = "--through-dns",
            description = {
                "By the nodes' health checks at Route 53 instead of the bucket: for when that is gone. Takes no lock, leaves no record, ends only"
                        + " with undrain --through-dns, and the nodes don't hear of it."
            })
    private boolean wanted;

    boolean isWanted() {
        return wanted;
    }

    /** Has it done and says what came of it; gives the exit code. */
    int run(
            FleetConfiguration fleet,
            AwsCredentialsProvider credentials,
            List<NodeId> nodes,
            boolean drain,
            boolean json,
            PrintWriter out)
            throws IOException, InterruptedException {
        DnsSettings dns = fleet.dns()
                .orElseThrow(() -> new CommandFailure(fleet.file() + " has no dns { … }: there are no health checks"));
        Set<NodeId> serving = serving(fleet, dns);
        DnsDrains.Outcome outcome;
        try (var zone = Route53Zone.open(dns, credentials)) {
            DnsDrains drains = FleetDns.of(fleet, zone, FleetDns.Timing.USUAL, Fence.ALONE, line -> {})
                    .drains();
            outcome = drain ? drains.drain(nodes, serving) : drains.undrain(nodes, serving);
        }
        switch (outcome) {
            case DnsDrains.Outcome.Refused refused ->
                throw new CommandFailure(
                        (refused.changed().isEmpty() ? "" : "done for " + names(refused.changed()) + ", but ")
                                + refused.reason());
            case DnsDrains.Outcome.Done done -> {
                if (json) {
                    out.println(JsonWriter.line(JsonObject.EMPTY
                            .with("result", drain ? "drained" : "undrained")
                            .with("through", "dns")
                            .with(
                                    "changed",
                                    new Json.Sequence(done.changed().stream()
                                            .<Json>map(node -> new Json.Text(node.toString()))
                                            .toList()))));
                } else {
                    out.println(
                            done.changed().isEmpty()
                                    ? "It is so already."
                                    : (drain ? "Clients are led away from " : "Clients are led again to ")
                                            + names(done.changed())
                                            + (drain
                                                    ? " by Route 53, within "
                                                            + dns.ttl().toSeconds()
                                                            + " s. To end it: flotilla undrain --through-dns"
                                                    : "."));
                }
                out.flush();
                return 0;
            }
        }
    }

    /** Those that answer as their health checks ask: by HTTPS, too, where these do, or will as soon as a drain no longer keeps the earlier ones. */
    private static Set<NodeId> serving(FleetConfiguration fleet, DnsSettings dns) throws InterruptedException {
        var questions = new FleetReadiness(FleetReadiness.QUESTION);
        Set<NodeId> serving = ready(questions.ask(fleet.nodes()));
        if (dns.checkProtocol() != CheckProtocol.HTTPS) {
            return serving;
        }
        return ready(questions.askEncrypted(fleet.nodes().stream()
                .filter(node -> serving.contains(node.id()))
                .toList()));
    }

    private static Set<NodeId> ready(Map<NodeId, Readiness> answers) {
        return answers.entrySet().stream()
                .filter(node -> node.getValue() instanceof Readiness.Ready)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static String names(List<NodeId> nodes) {
        return nodes.stream().map(NodeId::toString).collect(Collectors.joining(", "));
    }
}
