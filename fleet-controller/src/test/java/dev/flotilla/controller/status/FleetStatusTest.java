package dev.flotilla.controller.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.local.bucket.BucketOptions;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.controller.local.route53.Exemption;
import dev.flotilla.controller.local.route53.Route53Options;
import dev.flotilla.controller.local.route53.Route53StandIn;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.controller.publish.TrustFolder;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;

/** A fleet of two nodes whose bucket, DNS and readiness are really asked. */
class FleetStatusTest {
    private static final BucketCredentials KEY = new BucketCredentials("key", "secret");
    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY.accessKeyId(), KEY.secretAccessKey()));

    @TempDir
    Path folder;

    private LocalBucket bucketServer;
    private Route53StandIn route53;
    private int releases;
    private volatile String answer = "ready east east-1\n";
    private HttpServer east;
    private FleetConfiguration fleet;

    FleetStatusTest() throws IOException {
        east = HttpServer.create(new InetSocketAddress("127.0.97.1", 0), 0);
        east.createContext("/readyz", exchange -> {
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.startsWith("ready") ? 200 : 503, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        east.start();
    }

    @BeforeEach
    void begin() throws Exception {
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        bucketServer = LocalBucket.start(new BucketOptions(folder.resolve("bucket"), "acme", anyPort, KEY));
        route53 = Route53StandIn.start(Route53Options.onLoopback()
                .withChangeDelay(Duration.ofMillis(20))
                .withCheckInterval(Duration.ofMillis(50))
                .withExemptions(Exemption.LOOPBACK_FOR_LOCAL_FLEET));
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme
                  bucket { name = acme, endpoint = "%s", path-style = true }
                  dns { zone = example.org, name = mirror.example.org, endpoint = "%s", calls-per-second = 100, check-interval = 10s }
                  mirror { listen { port = %d } }
                  regions {
                    east { nodes { east-1 { address = 127.0.97.1 } } }
                    west { nodes { west-1 { address = 127.0.97.2 } } }
                  }
                }
                """.formatted(
                bucketServer.endpoint(), route53.endpoint(), east.getAddress().getPort()));
        fleet = ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
        new TrustFolder(folder.resolve("trust")).create(new SecureRandom());
    }

    @AfterEach
    void end() {
        east.stop(0);
        bucketServer.close();
        route53.close();
    }

    private FleetView gather() throws InterruptedException {
        try (var sources = StatusSources.of(fleet, CREDENTIALS, Optional.of(route53.dnsAddress()))) {
            return new FleetStatus(sources, Clock.systemUTC(), FleetStatus.Limits.USUAL).gather();
        }
    }

    private void publish() throws IOException {
        Path program = Files.writeString(folder.resolve("program"), "program " + releases++);
        try (var bucket = S3Bucket.open(fleet.bucket(), CREDENTIALS)) {
            new Publisher(fleet, bucket, program, List.of(), Clock.systemUTC(), "test", line -> {})
                    .publish(Publisher.Signing.ALWAYS);
        }
    }

    private void report(Node node, Instant written, long release, Optional<String> problem) {
        var report = new NodeReport(
                fleet.name(),
                node.id().region(),
                node.id().node(),
                written,
                new NodeReport.Agent("0.1.0", 4242),
                Optional.of(new NodeReport.Release(release, NodeReport.State.COMMITTED, written)),
                Optional.of(new NodeReport.Mirror(4343, true, written, 2, 1)),
                problem.isPresent() ? NodeReport.Condition.DEGRADED : NodeReport.Condition.HEALTHY,
                problem,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        try (var bucket = S3Bucket.open(fleet.bucket(), CREDENTIALS)) {
            bucket.put(BucketLayout.report(node.id().region(), node.id().node()), report.toBytes(), Condition.none());
        }
    }

    @Test
    void whatIsWantedOfNodesIsShownAndIsNoProblem() throws Exception {
        publish();
        Node node = fleet.nodes().getFirst();
        Instant now = Instant.now();
        var report = new NodeReport(
                        fleet.name(),
                        node.id().region(),
                        node.id().node(),
                        now,
                        new NodeReport.Agent("0.1.0", 4242),
                        Optional.of(new NodeReport.Release(1, NodeReport.State.COMMITTED, now)),
                        Optional.of(new NodeReport.Mirror(4343, true, now, 2, 1)),
                        NodeReport.Condition.HEALTHY,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .with(new NodeReport.Steering(
                        3,
                        true,
                        Optional.of("by ann"),
                        Optional.empty(),
                        Optional.of("by bob"),
                        7,
                        2,
                        Optional.of("no mirror")));
        try (var bucket = S3Bucket.open(fleet.bucket(), CREDENTIALS)) {
            bucket.put(BucketLayout.report(node.id().region(), node.id().node()), report.toBytes(), Condition.none());
        }
        answer = "drained east east-1\nprocess 4343\n";
        FleetView view = gather();
        assertThat(StatusProblems.of(view)).noneMatch(problem -> problem.startsWith("east/east-1"));
        assertThat(view.serving()).isEmpty();
        assertThat(new StatusTable(false).text(view))
                .contains("drained")
                .contains("* east/east-1: drained by ann")
                .contains("* east/east-1: takes up no release: paused by bob")
                .contains("* east/east-1: 2 purges are still to be carried out: no mirror");
        assertThat(StatusJson.text(view)).contains("\"drained\": true").contains("\"purgesWaiting\": 2");
    }

    private void bringIntoDns() throws Exception {
        try (var client = Route53Client.builder()
                        .region(Region.AWS_GLOBAL)
                        .endpointOverride(route53.endpoint())
                        .credentialsProvider(CREDENTIALS)
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build();
                var zone = Route53Zone.open(fleet.dns().orElseThrow(), CREDENTIALS)) {
            client.createHostedZone(request -> request.name("example.org").callerReference("test"));
            var quick = new FleetDns.Timing(Duration.ofMillis(10), Duration.ofSeconds(10));
            FleetDns.of(fleet, zone, quick, Fence.ALONE, line -> {})
                    .bring(Set.of(
                            fleet.nodes().getFirst().id(),
                            fleet.nodes().getLast().id()));
        }
    }

    @Test
    void beforeAnythingHasHappenedEveryMissingThingIsNamed() throws Exception {
        FleetView view = gather();
        assertThat(view.isHealthy()).isFalse();
        assertThat(StatusProblems.of(view))
                .contains(
                        "release: nothing is published yet from here, for there is no "
                                + folder.resolve("trust/root.json") + ": run flotilla publish",
                        "east/east-1: has never reported: is its agent running?",
                        "west/west-1: its mirror: nothing answers at 127.0.97.2:"
                                + east.getAddress().getPort(),
                        "health checks: there is no public hosted zone example.org in this account: create it, or"
                                + " correct its name in fleet.conf")
                .anyMatch(problem -> problem.startsWith("mirror.example.org: the name server says"));
        assertThat(view.serving()).containsExactly(fleet.nodes().getFirst().id());
    }

    @Test
    void aFleetIsShownAsItsNodesChecksAndNamesAre() throws Exception {
        publish();
        report(fleet.nodes().getFirst(), Instant.now(), 1, Optional.empty());
        report(fleet.nodes().getLast(), Instant.now(), 1, Optional.of("release 2 refused: wrong signature"));
        bringIntoDns();
        await().untilAsserted(() -> assertThat(StatusProblems.of(gather()))
                .hasSize(3)
                .element(2)
                .asString()
                .startsWith("west/west-1: out of DNS, its health check says: Failure"));
        FleetView view = gather();
        assertThat(StatusProblems.of(view)).contains("west/west-1: release 2 refused: wrong signature");
        assertThat(view.names()).extracting(FleetView.NameView::addresses).containsOnly(List.of("127.0.97.1"));
        String table = new StatusTable(false)
                .text(view)
                .replace(Integer.toString(east.getAddress().getPort()), "PPPPP")
                .replaceAll("\\d s ago", "N s ago");
        assertThat(table).startsWith("""
                Fleet acme, release 1, which holds for 30 days

                REGION  NODE    ADDRESS           MIRROR     RELEASE      CHECK      PROCESSES                REPORTED
                east    east-1  127.0.97.1:PPPPP  ready      1 committed  healthy    agent 4242, mirror 4343  N s ago
                west    west-1  127.0.97.2:PPPPP  not ready  1 committed  unhealthy  agent 4242, mirror 4343  N s ago

                NAME                     ANSWERS
                mirror.example.org       127.0.97.1 (east-1)
                east.mirror.example.org  127.0.97.1 (east-1)
                west.mirror.example.org  127.0.97.1 (east-1)

                ! west/west-1: its mirror: nothing answers at 127.0.97.2:PPPPP
                ! west/west-1: release 2 refused: wrong signature
                ! west/west-1: out of DNS, its health check says: Failure""");
        assertThat(StatusJson.text(view))
                .contains("\"mirrorPid\": 4343")
                .contains("\"agentPid\": 4242")
                .contains("\"condition\": \"degraded\"")
                .contains("\"problem\": \"release 2 refused: wrong signature\"")
                .contains("\"healthCheck\": \"unhealthy\"");
    }

    @Test
    void aNodeThatIsBehindOrSilentIsNamed() throws Exception {
        publish();
        publish();
        report(fleet.nodes().getFirst(), Instant.now(), 1, Optional.empty());
        report(fleet.nodes().getLast(), Instant.now().minus(Duration.ofMinutes(10)), 2, Optional.empty());
        assertThat(StatusProblems.of(gather()))
                .contains("east/east-1: has release 1, and release 2 is published")
                .contains("west/west-1: has not reported for 10 min: is its agent running?");
    }

    @Test
    void coloursAreThereOnlyWhenTheyAreAskedFor() throws Exception {
        FleetView view = gather();
        assertThat(new StatusTable(false).text(view)).doesNotContain("\u001b");
        String coloured = new StatusTable(true).text(view);
        assertThat(coloured).contains("\u001b[31mnot ready\u001b[0m");
        assertThat(coloured.replaceAll("\u001b\\[\\d*m", "")).isEqualTo(new StatusTable(false).text(view));
    }

    @Test
    void whatHangsIsNotWaitedFor() throws Exception {
        publish();
        var limits = new FleetStatus.Limits(Duration.ofSeconds(30), Duration.ofMillis(1), 4, Duration.ofMinutes(1));
        try (var sources = StatusSources.of(fleet, CREDENTIALS, Optional.of(route53.dnsAddress()))) {
            FleetView view = new FleetStatus(sources, Clock.systemUTC(), limits).gather();
            assertThat(StatusProblems.of(view)).anyMatch(problem -> problem.contains("no answer within"));
        }
    }
}
