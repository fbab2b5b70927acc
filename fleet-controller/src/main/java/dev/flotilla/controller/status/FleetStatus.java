package dev.flotilla.controller.status;

import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.controller.client.NameServer;
import dev.flotilla.controller.client.NameServer.Reply;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Zone;
import dev.flotilla.controller.dns.Zone.HealthState;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.PublishedMetadata;
import dev.flotilla.controller.publish.TrustFolder;
import dev.flotilla.controller.status.FleetView.NameView;
import dev.flotilla.controller.status.FleetView.NodeView;
import dev.flotilla.controller.status.FleetView.Readiness;
import dev.flotilla.controller.status.FleetView.ReleaseView;
import dev.flotilla.controller.status.FleetView.ReportView;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out how a fleet is: the reports in the bucket, each node's own readiness, the state of the health checks and what
 * DNS answers, all asked at the same time and none waited for beyond the limits. What can't be found out is shown as that.
 * Thread-safe as far as its sources are.
 */
public final class FleetStatus {
    private final StatusSources sources;
    private final FleetConfiguration fleet;
    private final Clock clock;
    private final Limits limits;

    /**
     * How long and how hard to ask.
     *
     * @param question for one question to a node or a name server
     * @param whole for everything together; what has no answer by then is shown as that
     * @param atOnce questions under way at the same time
     * @param silence a report that is older means that the agent doesn't run; three times the agents' usual interval
     */
    public record Limits(Duration question, Duration whole, int atOnce, Duration silence) {
        public static final Limits USUAL =
                new Limits(Duration.ofSeconds(3), Duration.ofSeconds(15), 32, Duration.ofSeconds(90));
    }

    public FleetStatus(StatusSources sources, Clock clock, Limits limits) {
        this.sources = sources;
        this.fleet = sources.fleet();
        this.clock = clock;
        this.limits = limits;
    }

    /** Asks everything once. */
    public FleetView gather() throws InterruptedException {
        Instant now = clock.instant();
        var questions = new Questions(limits.atOnce(), limits.whole());
        try (var probe = new ReadinessProbe(limits.question())) {
            var release = questions.ask(() -> release(now), ReleaseView.Unknown::new);
            List<Questions.Answer<ReportView>> reports = new ArrayList<>();
            List<Questions.Answer<Readiness>> readiness = new ArrayList<>();
            for (Node node : fleet.nodes()) {
                reports.add(questions.ask(() -> report(node.id()), ReportView.Silent::new));
                readiness.add(questions.ask(() -> probe.ask(node.readiness()), Readiness.NotReady::new));
            }
            Questions.Answer<Health> health =
                    questions.ask(this::health, reason -> new Health(Map.of(), Optional.of(reason)));
            List<Questions.Answer<NameView>> names = names(questions);
            ReleaseView published = release.await();
            Health checked = health.await();
            List<NodeView> nodes = new ArrayList<>();
            for (int i = 0; i < fleet.nodes().size(); i++) {
                Node node = fleet.nodes().get(i);
                nodes.add(NodeJudgement.of(
                        node,
                        reports.get(i).await(),
                        readiness.get(i).await(),
                        Optional.ofNullable(checked.states().get(node.id())),
                        published,
                        now,
                        limits.silence()));
            }
            List<NameView> answers = new ArrayList<>();
            for (Questions.Answer<NameView> name : names) {
                answers.add(name.await());
            }
            return new FleetView(fleet.name(), now, published, nodes, answers, checked.problem());
        } finally {
            questions.end();
        }
    }

    private ReleaseView release(Instant now) throws IOException {
        Path root = new TrustFolder(fleet.trust().folder()).root();
        if (!Files.exists(root)) {
            return new ReleaseView.Unknown(
                    "nothing is published yet from here, for there is no " + root + ": run flotilla publish");
        }
        return switch (new PublishedMetadata(fleet, sources.bucket()).at(Files.readAllBytes(root), now)) {
            case Refreshed.Current current ->
                new ReleaseView.Published(
                        current.metadata().targets().version(),
                        current.metadata().expires(),
                        current.metadata().warning(now));
            case Refreshed.Refused refused -> new ReleaseView.Unknown("the release in the bucket: " + refused.text());
            case Refreshed.Unavailable unavailable -> new ReleaseView.Unknown(unavailable.reason());
        };
    }

    private ReportView report(NodeId node) {
        var key = BucketLayout.report(node.region(), node.node());
        return switch (sources.bucket().get(key, Optional.empty(), NodeReport.LARGEST)) {
            case Lookup.Absent ignored -> new ReportView.Silent("has never reported: is its agent running?");
            case Lookup.TooLarge tooLarge -> new ReportView.Silent(tooLarge.reason());
            case Lookup.Failed failed -> new ReportView.Silent(failed.reason());
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            case Lookup.Found found -> read(found.content(), node);
        };
    }

    private ReportView read(byte[] content, NodeId node) {
        try {
            NodeReport report = NodeReport.parse(content);
            boolean own = report.fleet().equals(fleet.name())
                    && report.region().equals(node.region())
                    && report.node().equals(node.node());
            return own
                    ? new ReportView.Said(report)
                    : new ReportView.Silent("its report is that of " + report.region() + "/" + report.node()
                            + " in fleet " + report.fleet());
        } catch (IllegalArgumentException malformed) {
            return new ReportView.Silent("its report can't be read: " + malformed.getMessage());
        }
    }

    private Health health() throws IOException, InterruptedException {
        Optional<Zone> zone = sources.zone();
        if (zone.isEmpty()) {
            return new Health(Map.of(), Optional.empty());
        }
        var dns = FleetDns.of(fleet, zone.get(), FleetDns.Timing.USUAL, Fence.ALONE, line -> {});
        return new Health(dns.health(), Optional.empty());
    }

    private record Health(Map<NodeId, HealthState> states, Optional<String> problem) {}

    private List<Questions.Answer<NameView>> names(Questions questions) {
        if (fleet.dns().isEmpty()) {
            return List.of();
        }
        DnsName zone = fleet.dns().get().zone();
        DnsName global = fleet.dns().get().name();
        List<DnsName> names = new ArrayList<>();
        names.add(global);
        fleet.regions().stream()
                .map(Region::name)
                .map(region -> global.below(region.value()))
                .forEach(names::add);
        boolean alsoIpv6 =
                fleet.nodes().stream().anyMatch(node -> node.address().isIpv6());
        return names.stream()
                .map(name -> questions.ask(
                        () -> seen(name, new NameServer(nameServer(zone), limits.question(), alsoIpv6)),
                        reason -> new NameView(name, List.of(), Optional.of(reason))))
                .toList();
    }

    /** One of the zone's own servers, where none is named: that works while the API of the zone's provider doesn't. */
    private InetSocketAddress nameServer(DnsName zone) throws IOException {
        return sources.nameServer().isPresent()
                ? sources.nameServer().get()
                : new InetSocketAddress(
                        NameServer.serversOf(zone.value(), limits.question()).getFirst(), NameServer.PORT);
    }

    private static NameView seen(DnsName name, NameServer server) {
        return switch (server.ask(name.value())) {
            case Reply.Addresses said ->
                new NameView(
                        name,
                        said.texts(),
                        said.texts().isEmpty() ? Optional.of("has no address yet") : Optional.empty());
            case Reply.Refused refused ->
                new NameView(name, List.of(), Optional.of("the name server says " + refused.code()));
            case Reply.Silent silent -> new NameView(name, List.of(), Optional.of(silent.reason()));
        };
    }
}
