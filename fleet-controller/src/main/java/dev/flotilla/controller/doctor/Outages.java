package dev.flotilla.controller.doctor;

import static dev.flotilla.controller.doctor.Finding.Area.WITHOUT_BUCKET;
import static dev.flotilla.controller.doctor.Finding.Area.WITHOUT_ROUTE53;

import dev.flotilla.controller.dns.Zone.HealthState;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.status.Ages;
import dev.flotilla.controller.status.FleetView;
import dev.flotilla.controller.status.FleetView.NodeView;
import dev.flotilla.controller.status.FleetView.Readiness;
import dev.flotilla.controller.status.FleetView.ReleaseView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What would still work if the bucket were gone, or the API of Route 53, from what is so now. Pure. */
final class Outages {
    private final FleetConfiguration fleet;
    private final FleetView view;
    private final Optional<Set<NodeId>> letIn;

    /** @param letIn the nodes that let us in as root; absent where nobody has said how to come to them */
    Outages(FleetConfiguration fleet, FleetView view, Optional<Set<NodeId>> letIn) {
        this.fleet = fleet;
        this.view = view;
        this.letIn = letIn;
    }

    List<Finding> all() {
        List<Finding> found = new ArrayList<>();
        found.add(serving());
        found.add(releases());
        found.add(byHand());
        found.add(
                Finding.ok(
                        WITHOUT_BUCKET,
                        "controller",
                        "status, doctor, run, logs and hostkey work; what changes the fleet stops, since the lock is in the bucket"));
        found.addAll(fleet.dns().map(this::withoutApi).orElseGet(() -> List.of(undnsed())));
        return found;
    }

    /** No mirror asks the bucket for anything; an agent starts a dead mirror anew from what is on the disk. */
    private Finding serving() {
        List<NodeView> able = view.nodes().stream().filter(NodeView::serves).toList();
        String text = able.size() + " of " + view.nodes().size()
                + " nodes serve on, also after a restart: mirror, configuration and root are on their disks";
        String others = view.nodes().stream()
                .filter(node -> !node.serves())
                .map(node -> node.node().id().toString())
                .collect(Collectors.joining(", "));
        return others.isEmpty()
                ? Finding.ok(WITHOUT_BUCKET, "serving", text)
                : Finding.warn(
                        WITHOUT_BUCKET,
                        "serving",
                        text + "; not so " + others,
                        "a node that doesn't serve now can't be given a release then");
    }

    private Finding releases() {
        return switch (view.release()) {
            case ReleaseView.Unknown unknown ->
                Finding.warn(
                        WITHOUT_BUCKET,
                        "releases",
                        "how long what nodes trust holds isn't known: " + unknown.reason(),
                        "see the bucket's checks above");
            case ReleaseView.Published published -> {
                Duration left = Duration.between(view.asked(), published.expires());
                String text = "nodes that stand still miss nothing for " + Ages.text(left)
                        + "; then what is signed ends (" + published.expires()
                        + "), and they serve on and take up nothing until it is renewed";
                yield published.warning().isPresent()
                        ? Finding.warn(
                                WITHOUT_BUCKET,
                                "releases",
                                text,
                                "have the longest time before an outage: flotilla publish --renew, once a day by cron")
                        : Finding.ok(WITHOUT_BUCKET, "releases", text);
            }
        };
    }

    /** How it is done, with the folders below which nodes are installed. */
    private String onTheNode() {
        Map<String, String> folders = new TreeMap<>();
        for (NodeView node : view.nodes()) {
            folders.merge(node.node().root(), node.node().id().toString(), (some, another) -> some + ", " + another);
        }
        String root = folders.size() > 1 ? "$R" : String.join("", folders.keySet());
        String command = "a node is drained on the node itself: FLOTILLA_JAVA_HOME=" + root
                + "/opt/flotilla/current/java " + root + "/opt/flotilla/current/agent/bin/agent drain --config " + root
                + "/etc/flotilla/agent.conf";
        return folders.size() > 1
                ? command + "; R is "
                        + folders.entrySet().stream()
                                .map(folder -> (folder.getKey().isEmpty() ? "empty" : folder.getKey()) + " for "
                                        + folder.getValue())
                                .collect(Collectors.joining("; "))
                : command;
    }

    private Finding byHand() {
        String wish = "drain, undrain and purge travel through the bucket and don't arrive; " + onTheNode();
        if (letIn.isEmpty()) {
            return Finding.warn(
                    WITHOUT_BUCKET,
                    "draining",
                    wish,
                    "fleet.conf doesn't say how to come to the machines: add ssh { … }, or know another way there");
        }
        List<String> closed = view.nodes().stream()
                .map(node -> node.node().id())
                .filter(id -> !letIn.get().contains(id))
                .map(NodeId::toString)
                .toList();
        return closed.isEmpty()
                ? Finding.ok(WITHOUT_BUCKET, "draining", wish)
                : Finding.warn(
                        WITHOUT_BUCKET,
                        "draining",
                        wish,
                        "nobody could do that from here on " + String.join(", ", closed)
                                + ": see the checks of the nodes");
    }

    private Finding undnsed() {
        return Finding.warn(
                WITHOUT_ROUTE53,
                "failover",
                "there is none: fleet.conf has no dns { … }, and clients name a node each",
                "add dns { zone = …, name = … } where a dead node's clients are to move by themselves");
    }

    private List<Finding> withoutApi(DnsSettings dns) {
        List<Finding> found = new ArrayList<>();
        Duration detected = dns.checkInterval().multipliedBy(dns.checkThreshold());
        String time = "within " + detected.plus(dns.ttl()).toSeconds() + " s (" + dns.checkThreshold()
                + " probes at intervals of " + dns.checkInterval().toSeconds() + " s, and a TTL of "
                + dns.ttl().toSeconds() + " s)";
        List<Region> answering = fleet.regions().stream()
                .filter(region -> region.nodes().stream().anyMatch(this::answered))
                .toList();
        String text = "health checks and name servers need no API: clients of a dead node move " + time;
        found.add(
                answering.size() > 1
                        ? Finding.ok(
                                WITHOUT_ROUTE53,
                                "failover",
                                text + "; " + names(answering) + " stand in for each other")
                        : Finding.warn(
                                WITHOUT_ROUTE53,
                                "failover",
                                text + "; but "
                                        + (answering.isEmpty() ? "no region has" : "only " + names(answering) + " has")
                                        + " a healthy node in DNS",
                                "nothing would take over from it: see flotilla plan, and have a second region"));
        for (Region region : answering) {
            List<Node> healthy = region.nodes().stream().filter(this::answered).toList();
            if (healthy.size() == 1) {
                found.add(Finding.ok(
                        WITHOUT_ROUTE53,
                        region.name().toString(),
                        "has one healthy node in DNS, " + healthy.getFirst().id()
                                + ": without it, its clients go to another region"));
            }
        }
        List<String> outside = view.nodes().stream()
                .filter(node -> node.serves() && node.health().isEmpty())
                .map(node -> node.node().id().toString())
                .toList();
        String entering = "none enters DNS and none leaves it; apply stops before it";
        found.add(
                outside.isEmpty()
                        ? Finding.ok(WITHOUT_ROUTE53, "nodes", entering)
                        : Finding.warn(
                                WITHOUT_ROUTE53,
                                "nodes",
                                entering + "; serving and not in DNS: " + String.join(", ", outside),
                                "bring them in while the API is there: flotilla apply"));
        found.add(Finding.ok(
                WITHOUT_ROUTE53,
                "draining",
                "flotilla drain works: it travels through the bucket, and clients have left "
                        + time.replaceFirst(" \\(.*", "")));
        return found;
    }

    private boolean answered(Node node) {
        return view.nodes().stream()
                .filter(seen -> seen.node().id().equals(node.id()))
                .anyMatch(seen -> seen.readiness() instanceof Readiness.Ready
                        && seen.health()
                                .filter(HealthState.Healthy.class::isInstance)
                                .isPresent());
    }

    private static String names(List<Region> regions) {
        return regions.stream().map(region -> region.name().toString()).collect(Collectors.joining(" and "));
    }
}
