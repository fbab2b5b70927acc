package dev.flotilla.controller.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.dns.FleetDns.Outcome;
import dev.flotilla.controller.fleet.CheckerRegion;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.local.route53.Exemption;
import dev.flotilla.controller.local.route53.Route53Options;
import dev.flotilla.controller.local.route53.Route53StandIn;
import dev.flotilla.controller.local.route53.SecuredServer;
import dev.flotilla.controller.lock.Fence;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Lookup;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeBatch;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;

/** The real SDK over HTTP against the stand-in for Route53. */
class Route53ZoneTest {
    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    private static final FleetDns.Timing QUICK = new FleetDns.Timing(Duration.ofMillis(20), Duration.ofSeconds(10));

    @TempDir
    Path folder;

    private Route53StandIn route53;
    private Route53Client client;

    Route53ZoneTest() throws IOException {
        // Nothing listens at the nodes' addresses, and a check starts healthy: so it stays for the length of a test.
        route53 = standIn(Duration.ofMinutes(5));
        client = client();
    }

    private static Route53StandIn standIn(Duration checkInterval) throws IOException {
        return Route53StandIn.start(Route53Options.onLoopback()
                .withChangeDelay(Duration.ofMillis(50))
                .withCheckInterval(checkInterval)
                .withExemptions(Exemption.LOOPBACK_FOR_LOCAL_FLEET));
    }

    private Route53Client client() {
        return Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .endpointOverride(route53.endpoint())
                .credentialsProvider(CREDENTIALS)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    @BeforeEach
    void makeZone() {
        client.createHostedZone(request -> request.name("example.org").callerReference("test"));
    }

    @AfterEach
    void end() {
        client.close();
        route53.close();
    }

    private Fleets fleet() {
        return new Fleets(folder).endpoint(route53.endpoint());
    }

    private FleetConfiguration threeRegions() {
        return fleet().node("east", "east-1", "127.0.91.1")
                .node("east", "east-2", "127.0.91.2")
                .node("north", "north-1", "127.0.92.1")
                .node("west", "west-1", "::1")
                .build();
    }

    private static Route53Zone open(FleetConfiguration fleet) {
        return Route53Zone.open(fleet.dns().orElseThrow(), CREDENTIALS);
    }

    private Outcome bring(FleetConfiguration fleet, String... serving) throws IOException, InterruptedException {
        try (var zone = open(fleet)) {
            return FleetDns.of(fleet, zone, QUICK, Fence.ALONE, line -> {}).bring(Fleets.ids(serving));
        }
    }

    private List<String> answer(String name) throws IOException {
        var resolver = new SimpleResolver(route53.dnsAddress());
        var lookup = new Lookup(name + ".", Type.A);
        lookup.setResolver(resolver);
        lookup.setCache(null);
        List<String> addresses = new ArrayList<>();
        Record[] records = lookup.run();
        for (Record found : records == null ? new Record[0] : records) {
            addresses.add(found.rdataToString());
        }
        return addresses;
    }

    @Test
    void aFleetComesIntoDnsAndASecondApplyChangesNothing() throws Exception {
        String[] all = {"east/east-1", "east/east-2", "north/north-1", "west/west-1"};
        assertThat(bring(threeRegions(), all))
                .isInstanceOfSatisfying(
                        Outcome.Applied.class,
                        applied -> assertThat(applied.inSync()).isTrue());
        assertThat(answer("mirror.example.org")).hasSize(1).first().asString().startsWith("127.0.91.");
        assertThat(answer("north.mirror.example.org")).containsExactly("127.0.92.1");
        assertThat(bring(threeRegions(), all)).isEqualTo(new Outcome.Unchanged(List.of()));
        var smaller = fleet().node("north", "north-1", "127.0.92.1").build();
        assertThat(bring(smaller, all)).isInstanceOf(Outcome.Applied.class);
        assertThat(answer("mirror.example.org")).containsExactly("127.0.92.1");
        assertThat(client.listHealthChecks().healthChecks()).hasSize(1);
        assertThat(bring(smaller, all)).isEqualTo(new Outcome.Unchanged(List.of()));
    }

    @Test
    void recordsComeBackAsTheyWereWritten() throws Exception {
        bring(threeRegions(), "east/east-1", "north/north-1", "west/west-1");
        try (var zone = open(threeRegions())) {
            List<RecordSet> present = zone.recordSets(new DnsName("mirror.example.org"));
            var planning = FleetDns.of(threeRegions(), zone, QUICK, Fence.ALONE, line -> {})
                    .plan(Fleets.ids("east/east-1"));
            assertThat(((DnsPlan.Planning.Planned) planning).plan().isEmpty()).isTrue();
            assertThat(present).hasSize(16).allMatch(RecordSet::isExpressible);
        }
    }

    @Test
    void aZoneOfManyRecordsIsReadToItsEndAndNoFurther() throws Exception {
        var fleet = fleet();
        List<String> all = new ArrayList<>();
        for (int region = 0; region < 15; region++) {
            fleet.node("r" + region, "n" + region, "127.0.93." + (region + 1));
            all.add("r" + region + "/n" + region);
        }
        String zoneId = client.listHostedZones().hostedZones().getFirst().id();
        for (String name :
                List.of("mirror-2.example.org", "mirrors.example.org", "a.example.org", "xmirror.example.org")) {
            var foreign = ResourceRecordSet.builder()
                    .name(name)
                    .type("A")
                    .ttl(60L)
                    .resourceRecords(ResourceRecord.builder().value("192.0.2.7").build())
                    .build();
            var create =
                    Change.builder().action("CREATE").resourceRecordSet(foreign).build();
            client.changeResourceRecordSets(request -> request.hostedZoneId(zoneId)
                    .changeBatch(ChangeBatch.builder().changes(create).build()));
        }
        var built = fleet.build();
        assertThat(bring(built, all.toArray(String[]::new))).isInstanceOf(Outcome.Applied.class);
        try (var zone = open(built)) {
            // Leaves, fourteen pairs for each of the regions and for the global name, and the marker.
            assertThat(zone.recordSets(new DnsName("mirror.example.org"))).hasSize(15 + 16 * 14 * 2 + 1);
        }
        assertThat(bring(built, all.toArray(String[]::new))).isEqualTo(new Outcome.Unchanged(List.of()));
        assertThat(answer("mirrors.example.org")).containsExactly("192.0.2.7");
    }

    @Test
    void aStalePlanIsRefusedByTheZone() throws Exception {
        bring(threeRegions(), "east/east-1");
        try (var zone = open(threeRegions())) {
            var slow = FleetDns.of(threeRegions(), zone, QUICK, Fence.ALONE, line -> {});
            var stale = (DnsPlan.Planning.Planned) slow.plan(Fleets.ids("east/east-1", "east/east-2"));
            bring(threeRegions(), "east/east-1", "north/north-1");
            assertThat(slow.apply(stale.plan())).isInstanceOf(Outcome.Overtaken.class);
            assertThat(answer("north.mirror.example.org")).containsExactly("127.0.92.1");
        }
    }

    @Test
    void theSameReferenceGivesTheSameCheckAndOtherSettingsNone() throws Exception {
        end();
        route53 = standIn(Duration.ofMillis(50));
        client = client();
        var fleet = threeRegions();
        var settings =
                HealthCheckSettings.of(fleet.nodes().getFirst(), fleet.dns().orElseThrow());
        var others = HealthCheckSettings.of(fleet.nodes().get(1), fleet.dns().orElseThrow());
        try (var zone = open(fleet)) {
            var first = zone.createHealthCheck(settings, "flotilla:test:1", Map.of("flotilla:fleet", "acme"));
            assertThat(zone.createHealthCheck(settings, "flotilla:test:1", Map.of()))
                    .isEqualTo(first);
            assertThat(zone.createHealthCheck(others, "flotilla:test:1", Map.of()))
                    .isEqualTo(new Zone.Creation.ReferenceTaken());
            String id = ((Zone.Creation.Created) first).id();
            assertThat(zone.healthChecks("flotilla:test:"))
                    .containsExactly(new HealthCheck(id, "flotilla:test:1", Optional.of(settings), false, 1));
            assertThat(zone.healthChecks("flotilla:other:")).isEmpty();
            await().until(() -> zone.healthState(id) instanceof Zone.HealthState.Unhealthy);
            HealthCheck free = zone.healthChecks("flotilla:test:").getFirst();
            assertThat(zone.hold(free, true)).isEqualTo(Zone.Holding.DONE);
            HealthCheck held = zone.healthChecks("flotilla:test:").getFirst();
            assertThat(held).isEqualTo(new HealthCheck(id, "flotilla:test:1", Optional.of(settings), true, 2));
            assertThat(zone.hold(free, false)).as("by who saw it before").isEqualTo(Zone.Holding.OVERTAKEN);
            assertThat(zone.hold(held, false)).isEqualTo(Zone.Holding.DONE);
            assertThat(zone.healthChecks("flotilla:test:").getFirst().held()).isFalse();
            zone.deleteHealthCheck(id);
            zone.deleteHealthCheck(id);
            assertThat(zone.hold(held, true)).as("one that is gone").isEqualTo(Zone.Holding.OVERTAKEN);
            assertThat(zone.healthState(id)).isInstanceOf(Zone.HealthState.Unknown.class);
        }
    }

    @Test
    void aCheckComesBackWithTheRegionsThatItAsksFrom() throws Exception {
        for (var regions : List.of(
                List.of(CheckerRegion.EU_WEST_1, CheckerRegion.SA_EAST_1, CheckerRegion.US_EAST_1),
                List.of(CheckerRegion.values()))) {
            var fleet = new Fleets(folder)
                    .dns("check-regions = " + regions + ", endpoint = \"" + route53.endpoint()
                            + "\", calls-per-second = 100")
                    .node("east", "east-1", "127.0.91.1")
                    .build();
            var settings =
                    HealthCheckSettings.of(fleet.nodes().getFirst(), fleet.dns().orElseThrow());
            String reference = "flotilla:regions:" + regions.size();
            try (var zone = open(fleet)) {
                var made = (Zone.Creation.Created) zone.createHealthCheck(settings, reference, Map.of());
                assertThat(zone.healthChecks(reference))
                        .containsExactly(new HealthCheck(made.id(), reference, Optional.of(settings), false, 1));
                assertThat(client.getHealthCheck(request -> request.healthCheckId(made.id()))
                                .healthCheck()
                                .healthCheckConfig()
                                .regionsAsStrings())
                        .as("all are asked for by naming none")
                        .hasSize(regions.size() == 3 ? 3 : 0);
            }
        }
    }

    @Test
    void whatIsDoneByACallWhoseAnswerIsLostIsMadeAgainAndIsNotTakenForSomebodyElses() throws Exception {
        try (var network = new LosingAnswers(route53.endpoint())) {
            FleetConfiguration fleet = new Fleets(folder)
                    .endpoint(network.endpoint())
                    .node("east", "east-1", "127.0.91.1")
                    .node("west", "west-1", "127.0.92.1")
                    .build();
            Outcome outcome;
            try (var zone = open(fleet)) {
                var dns =
                        FleetDns.of(fleet, zone, QUICK, new FleetDnsTest.OfGeneration(1, Optional.empty()), line -> {});
                var planned = (DnsPlan.Planning.Planned) dns.plan(Fleets.ids("east/east-1", "west/west-1"));
                outcome = dns.apply(planned.plan());
            }
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Outcome.Applied.class,
                            applied -> assertThat(applied.inSync())
                                    .as("the change's number is lost with the answer")
                                    .isFalse());
            await().untilAsserted(
                            () -> assertThat(answer("west.mirror.example.org")).containsExactly("127.0.92.1"));
            try (var zone = open(fleet)) {
                DnsDrains drains =
                        FleetDns.of(fleet, zone, QUICK, Fence.ALONE, line -> {}).drains();
                assertThat(drains.drain(Fleets.ids("east/east-1"), Fleets.ids("west/west-1")))
                        .isEqualTo(new DnsDrains.Outcome.Done(List.copyOf(Fleets.ids("east/east-1"))));
            }
            assertThat(network.lost())
                    .as("two checks, their tags, the records and the drain")
                    .isEqualTo(6);
        }
    }

    @Test
    void aCheckByHttpsComesBackAsItWasMadeAndIsMadeByHttps() throws Exception {
        route53.close();
        client.close();
        route53 = standIn(Duration.ofMillis(200));
        client = client();
        makeZone();
        try (var node = new SecuredServer(folder)) {
            var fleet = new Fleets(folder)
                    .fleet("mirror { tls { port = " + node.port() + " } }")
                    .dns("check-protocol = https, endpoint = \"" + route53.endpoint() + "\", calls-per-second = 100")
                    .node("east", "east-1", "127.0.0.1")
                    .node("west", "west-1", "127.0.92.1")
                    .build();
            assertThat(bring(fleet, "east/east-1", "west/west-1")).isInstanceOf(Outcome.Applied.class);
            assertThat(bring(fleet, "east/east-1", "west/west-1"))
                    .as("they come back as they were made")
                    .isInstanceOf(Outcome.Unchanged.class);
            try (var zone = open(fleet)) {
                var dns = FleetDns.of(fleet, zone, QUICK, Fence.ALONE, line -> {});
                await().atMost(Duration.ofSeconds(90))
                        .untilAsserted(() -> assertThat(dns.health().values())
                                .hasExactlyElementsOfTypes(
                                        Zone.HealthState.Healthy.class, Zone.HealthState.Unhealthy.class));
            }
            assertThat(node.asked()).containsOnly("[east.mirror.example.org] east.mirror.example.org:" + node.port());
        }
    }

    @Test
    void aPlainRecordIsTakenOverWithinOneBatchOfTheApi() throws Exception {
        var alias = new RecordSet(
                new DnsName("mirror.example.org"),
                "CNAME",
                Optional.empty(),
                new RecordSet.Routing.Simple(),
                new RecordSet.Content.Values(Duration.ofMinutes(5), List.of("old.example.net")),
                Optional.empty());
        try (var zone = open(threeRegions())) {
            assertThat(zone.change(List.of(new dev.flotilla.controller.dns.Change.Create(alias)), "theirs"))
                    .isInstanceOf(Zone.Submission.Accepted.class);
            var dns = FleetDns.of(threeRegions(), zone, QUICK, Fence.ALONE, line -> {});
            assertThat(dns.bring(Fleets.ids("east/east-1", "west/west-1"))).isInstanceOf(Outcome.Applied.class);
            assertThat(answer("mirror.example.org")).isEmpty();
            assertThat(dns.adopting(Set.of(alias.name())).bring(Fleets.ids("east/east-1", "west/west-1")))
                    .isInstanceOf(Outcome.Applied.class);
            assertThat(answer("mirror.example.org")).containsExactly("127.0.91.1");
        }
    }

    @Test
    void aZoneThatIsNotThereIsNamed() {
        var fleet = fleet().node("east", "east-1", "127.0.91.1").build();
        client.deleteHostedZone(request ->
                request.id(client.listHostedZones().hostedZones().getFirst().id()));
        assertThatThrownBy(() -> bring(fleet, "east/east-1"))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "there is no public hosted zone example.org in this account: create it, or correct its name in fleet.conf");
    }

    @Test
    void anApiThatCannotBeReachedIsSaidInOneLineAfterABoundedNumberOfTries() throws Exception {
        URI dead = route53.endpoint();
        route53.close();
        var fleet = new Fleets(folder)
                .endpoint(dead)
                .node("east", "east-1", "127.0.91.1")
                .build();
        List<Duration> pauses = new ArrayList<>();
        var limits = new Route53Limits(
                100,
                10,
                3,
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1));
        try (var zone = Route53Zone.open(
                fleet.dns().orElseThrow(),
                fleet.dns().orElseThrow().zone(),
                CREDENTIALS,
                limits,
                () -> 0,
                pauses::add)) {
            assertThatThrownBy(() -> zone.recordSets(new DnsName("mirror.example.org")))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("could not look for zone example.org: Connection refused")
                    .hasMessageEndingWith("(3 tries)");
        }
        assertThat(pauses).containsExactly(Duration.ofMillis(500), Duration.ofSeconds(1));
        route53 = Route53StandIn.start(Route53Options.onLoopback());
    }
}
