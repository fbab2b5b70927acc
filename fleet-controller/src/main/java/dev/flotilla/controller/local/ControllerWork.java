package dev.flotilla.controller.local;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.client.NameServer;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.controller.publish.Publishing;
import dev.flotilla.controller.publish.TrustFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** What the controller does for a local fleet, as it does it for any: publish, wait for nodes, bring them into DNS. */
final class ControllerWork implements AutoCloseable {
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    /** The name server learns of changes at once; this is for a machine under load. */
    private static final Duration DNS_PATIENCE = Duration.ofSeconds(15);

    private final FleetConfiguration fleet;
    private final AwsCredentialsProvider credentials;
    private final Bucket bucket;
    private final Narration narration;

    private ControllerWork(
            FleetConfiguration fleet, AwsCredentialsProvider credentials, Bucket bucket, Narration narration) {
        this.fleet = fleet;
        this.credentials = credentials;
        this.bucket = bucket;
        this.narration = narration;
    }

    static ControllerWork begin(FleetConfiguration fleet, BucketCredentials credentials, Narration narration) {
        AwsCredentialsProvider provider = provider(credentials);
        return new ControllerWork(fleet, provider, S3Bucket.open(fleet.bucket(), provider), narration);
    }

    static AwsCredentialsProvider provider(BucketCredentials credentials) {
        return StaticCredentialsProvider.create(
                AwsBasicCredentials.create(credentials.accessKeyId(), credentials.secretAccessKey()));
    }

    /** Publishes the configuration, with new keys where there are none, and returns the release's number. */
    long publish(Path program) throws IOException, CannotStartException {
        Clock clock = Clock.systemUTC();
        var trust = new TrustFolder(fleet.trust().folder());
        if (trust.present().isEmpty()) {
            trust.create(new SecureRandom());
            narration.step("trust: new keys in " + fleet.trust().folder());
        }
        var publisher = new Publisher(fleet, bucket, program, List.of(), clock, "flotilla local", line -> {});
        // Signed anew at every start: a fleet that is used now and then must not find its release expired.
        return switch (publisher.publish(Publisher.Signing.ALWAYS)) {
            case Publishing.Published published -> {
                narration.step("release " + published.version() + " is signed and in the bucket");
                yield published.version();
            }
            case Publishing.Unchanged unchanged -> unchanged.version();
            case Publishing.Unsigned unsigned ->
                throw notPublished(unsigned.file() + " lacks signatures: " + unsigned.lacking());
            case Publishing.Refused refused -> throw notPublished(refused.reason());
            case Publishing.Overtaken overtaken -> throw notPublished(overtaken.reason());
            case Publishing.Fenced fenced -> throw notPublished(fenced.reason());
            case Publishing.Failed failed -> throw notPublished(failed.reason());
        };
    }

    private static CannotStartException notPublished(String reason) {
        return new CannotStartException(
                "the release can't be published: " + reason + ". --fresh begins with an empty state folder");
    }

    /** Waits until every node has committed the release and answers clients. */
    Map<LocalRegion, NodeReport> awaitNodes(long release, Duration patience, StateFolder state)
            throws CannotStartException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        try (var readiness = new Readiness();
                var together = new Together()) {
            Map<NodeId, Future<NodeReport>> awaited = new LinkedHashMap<>();
            for (Node node : fleet.nodes()) {
                awaited.put(node.id(), together.begin(() -> awaitNode(node, release, deadline, readiness, state)));
            }
            Map<LocalRegion, NodeReport> reports = new LinkedHashMap<>();
            for (LocalRegion region : LocalRegion.ALL) {
                Future<NodeReport> report = awaited.get(new NodeId(region.name(), region.node()));
                if (report != null) {
                    reports.put(region, Together.result(report, "a node can't be asked"));
                }
            }
            return reports;
        }
    }

    private NodeReport awaitNode(Node node, long release, long deadline, Readiness readiness, StateFolder state)
            throws CannotStartException, InterruptedException {
        while (true) {
            Optional<NodeReport> report = report(node);
            boolean inUse = report.flatMap(NodeReport::release)
                    .filter(reported -> reported.version() == release
                            && (reported.state() == NodeReport.State.SOAKING
                                    || reported.state() == NodeReport.State.COMMITTED))
                    .isPresent();
            var answer = readiness.ask(node.readiness());
            if (report.isPresent() && inUse && answer.ready()) {
                narration.step("%s runs release %d and serves at http://%s:%d/%s"
                        .formatted(
                                node.id().node(),
                                release,
                                node.address(),
                                node.clientPort(),
                                report.flatMap(NodeReport::mirror)
                                        .map(mirror -> " (mirror process " + mirror.pid() + ")")
                                        .orElse("")));
                return report.get();
            }
            if (System.nanoTime() > deadline) {
                String why = report.flatMap(NodeReport::problem)
                        .orElse(inUse ? "its mirror says: " + answer.said() : "it has not taken up release " + release);
                throw new CannotStartException(node.id() + " does not serve in time: " + why + ". Its agent's log is "
                        + state.agentLog(node.id().region()) + ", its mirror's is in "
                        + state.agentState(node.id().region()));
            }
            Thread.sleep(LOOK_EVERY);
        }
    }

    private Optional<NodeReport> report(Node node) {
        var key = BucketLayout.report(node.id().region(), node.id().node());
        try {
            return bucket.get(key, Optional.empty(), NodeReport.LARGEST) instanceof Bucket.Lookup.Found found
                    ? Optional.of(NodeReport.parse(found.content()))
                    : Optional.empty();
        } catch (MalformedJsonException unreadable) {
            return Optional.empty();
        }
    }

    /** Puts all nodes into DNS and waits until the name server answers by it. */
    void bringIntoDns(NameServer names) throws IOException, InterruptedException, CannotStartException {
        var dns = fleet.dns().orElseThrow();
        try (var zone = Route53Zone.open(dns, credentials)) {
            var timing = new FleetDns.Timing(LOOK_EVERY, DNS_PATIENCE);
            var nodes = fleet.nodes().stream().map(Node::id).collect(Collectors.toUnmodifiableSet());
            switch (FleetDns.of(fleet, zone, timing, Fence.ALONE, line -> {}).bring(nodes)) {
                case FleetDns.Outcome.Applied ignored -> {}
                case FleetDns.Outcome.Unchanged ignored -> {}
                case FleetDns.Outcome.Refused refused ->
                    throw new CannotStartException("the names can't be brought into DNS: " + refused.reason());
                case FleetDns.Outcome.Fenced fenced ->
                    throw new CannotStartException("the names can't be brought into DNS: " + fenced.reason());
                case FleetDns.Outcome.Overtaken overtaken ->
                    throw new CannotStartException("the names can't be brought into DNS: " + overtaken.reason());
            }
        }
        long deadline = System.nanoTime() + DNS_PATIENCE.toNanos();
        for (LocalRegion region : LocalRegion.ALL) {
            awaitAnswer(names, region.name() + "." + dns.name(), region.host(), deadline);
        }
        awaitAnswer(names, dns.name().value(), LocalRegion.ALL.getFirst().host(), deadline);
        narration.step("both regions are in DNS: " + dns.name() + " answers "
                + LocalRegion.ALL.getFirst().host());
    }

    private static void awaitAnswer(NameServer names, String name, String address, long deadline)
            throws InterruptedException, CannotStartException {
        while (true) {
            List<String> answer = names.ask(name) instanceof NameServer.Reply.Addresses said ? said.texts() : List.of();
            if (answer.equals(List.of(address))) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new CannotStartException(
                        "the name server answers " + answer + " for " + name + " and not " + address);
            }
            Thread.sleep(LOOK_EVERY);
        }
    }

    @Override
    public void close() {
        bucket.close();
    }
}
