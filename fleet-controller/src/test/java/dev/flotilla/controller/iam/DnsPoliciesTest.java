package dev.flotilla.controller.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.dns.ChallengeRecords;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.FleetDns.Outcome;
import dev.flotilla.controller.dns.Fleets;
import dev.flotilla.controller.dns.HealthCheck;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.dns.Zone;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.iam.PolicyJudge.Call;
import dev.flotilla.controller.local.route53.Exemption;
import dev.flotilla.controller.local.route53.Route53Options;
import dev.flotilla.controller.local.route53.Route53StandIn;
import dev.flotilla.controller.lock.Fence;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeBatch;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.Route53Exception;

/** What the policies say of DNS, judged by the calls that are really made: the real SDK, a judge, and the stand-in behind it. */
class DnsPoliciesTest {
    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    private static final FleetDns.Timing QUICK = new FleetDns.Timing(Duration.ofMillis(20), Duration.ofSeconds(60));

    @TempDir
    Path folder;

    private Route53StandIn route53;
    private Route53Client owner;
    private String zoneId;

    @BeforeEach
    void begin() throws IOException {
        route53 = Route53StandIn.start(Route53Options.onLoopback()
                .withChangeDelay(Duration.ofMillis(50))
                .withCheckInterval(Duration.ofMinutes(5))
                .withExemptions(Exemption.LOOPBACK_FOR_LOCAL_FLEET));
        owner = client(route53.endpoint().toString());
        zoneId = owner.createHostedZone(request -> request.name("example.org").callerReference("test"))
                .hostedZone()
                .id()
                .replaceFirst("^/hostedzone/", "");
    }

    @AfterEach
    void end() {
        owner.close();
        route53.close();
    }

    private static Route53Client client(String endpoint) {
        return Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .endpointOverride(URI.create(endpoint))
                .credentialsProvider(CREDENTIALS)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private FleetConfiguration fleet(JudgedRoute53 judged, String... nodes) {
        var fleets = new Fleets(folder).endpoint(judged.endpoint());
        for (int i = 0; i < nodes.length; i++) {
            fleets.node(nodes[i].split("/", -1)[0], nodes[i].split("/", -1)[1], "127.0.94." + (i + 1));
        }
        return fleets.build();
    }

    private Policies policies() {
        FleetConfiguration any =
                new Fleets(folder).node("east", "east-1", "127.0.94.1").build();
        return new Policies(any, Optional.of(zoneId));
    }

    private static Outcome bring(FleetConfiguration fleet, Route53Zone zone, String... serving) throws Exception {
        return FleetDns.of(fleet, zone, QUICK, Fence.ALONE, line -> {}).bring(Fleets.ids(serving));
    }

    @Test
    void allThatTheControllerDoesInDnsIsAllowedAndAllThatItIsAllowedIsDone() throws Exception {
        try (var judged =
                new JudgedRoute53(route53.endpoint(), new PolicyJudge(policies().controller()))) {
            FleetConfiguration wide = fleet(judged, "east/east-1", "east/east-2", "north/north-1", "west/west-1");
            try (var zone = Route53Zone.open(wide.dns().orElseThrow(), CREDENTIALS)) {
                assertThat(bring(wide, zone, "east/east-1", "east/east-2", "north/north-1", "west/west-1"))
                        .isInstanceOf(Outcome.Applied.class);
                HealthCheck check = zone.healthChecks("").getFirst();
                assertThat(zone.hold(check, true)).isEqualTo(Zone.Holding.DONE);
                zone.healthState(check.id());
                var challenges =
                        FleetDns.of(wide, zone, QUICK, Fence.ALONE, line -> {}).challenges();
                DnsName name = wide.dns().orElseThrow().name();
                var digests = new LinkedHashMap<>(Map.of(name, Set.of("digest")));
                assertThat(challenges.place(digests)).isInstanceOf(ChallengeRecords.Placing.Placed.class);
                assertThat(challenges.remove(Set.of(name))).isEmpty();
                FleetConfiguration small = fleet(judged, "west/west-1");
                assertThat(bring(small, zone, "west/west-1")).isInstanceOf(Outcome.Applied.class);
            }
            assertThat(judged.refused()).isEmpty();
            assertThat(judged.allowed().stream().map(Call::action).collect(Collectors.toSet()))
                    .as("and every action of Route 53 that it is allowed was among them")
                    .isEqualTo(actions());
            assertThat(judged.allowed())
                    .filteredOn(call -> call.action().equals("route53:ChangeResourceRecordSets"))
                    .flatExtracting(call -> call.context().get("route53:ChangeResourceRecordSetsNormalizedRecordNames"))
                    .contains(
                            "mirror.example.org", "_flotilla.mirror.example.org", "_acme-challenge.mirror.example.org");
        }
    }

    private Set<String> actions() {
        return policies().controller().sequence("Statement").stream()
                .flatMap(statement -> ((JsonObject) statement).sequence("Action").stream())
                .map(action -> ((Json.Text) action).value())
                .filter(action -> action.startsWith("route53:"))
                .collect(Collectors.toSet());
    }

    @Test
    void whoMayOnlyReadChangesNoName() throws Exception {
        try (var judged =
                new JudgedRoute53(route53.endpoint(), new PolicyJudge(policies().readOnly()))) {
            FleetConfiguration fleet = fleet(judged, "east/east-1", "west/west-1");
            try (var zone = Route53Zone.open(fleet.dns().orElseThrow(), CREDENTIALS)) {
                assertThatThrownBy(() -> bring(fleet, zone, "east/east-1", "west/west-1"))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("AccessDenied");
                assertThat(zone.healthChecks("")).isEmpty();
            }
            assertThat(judged.refused()).isNotEmpty();
            assertThat(owner.listResourceRecordSets(request -> request.hostedZoneId(zoneId))
                            .resourceRecordSets())
                    .allMatch(set -> set.name().equals("example.org."));
        }
    }

    private static Change change(String action, String name, String type, String value) {
        return Change.builder()
                .action(action)
                .resourceRecordSet(set -> set.name(name)
                        .type(type)
                        .ttl(60L)
                        .resourceRecords(ResourceRecord.builder().value(value).build()))
                .build();
    }

    @Test
    void namesTypesAndZonesOfOthersAreRefusedAndOneOfThemRefusesItsBatch() throws Exception {
        String others = owner.createHostedZone(
                        request -> request.name("example.net").callerReference("others"))
                .hostedZone()
                .id();
        Change own = change("UPSERT", "own.mirror.example.org", "A", "192.0.2.1");
        Map<String, List<Change>> outside = Map.of(
                "a name beside the fleet's",
                List.of(change("UPSERT", "www.example.org", "A", "192.0.2.1")),
                "one that only ends in the same letters",
                List.of(change("UPSERT", "xmirror.example.org", "A", "192.0.2.1")),
                "the zone's own",
                List.of(change("UPSERT", "example.org", "TXT", "\"x\"")),
                "one of the fleet's, delegated to somebody",
                List.of(change("UPSERT", "own.mirror.example.org", "NS", "ns.example.net.")),
                "another kind of record",
                List.of(change("UPSERT", "own.mirror.example.org", "CNAME", "www.example.net.")),
                "an own one and another's at once",
                List.of(own, change("CREATE", "www.example.org", "A", "192.0.2.1")));
        try (var judged = new JudgedRoute53(
                        route53.endpoint(), new PolicyJudge(policies().controller()));
                var controller = client(judged.endpoint().toString())) {
            outside.forEach((what, changes) -> assertThatThrownBy(() -> submit(controller, zoneId, changes))
                    .as(what)
                    .isInstanceOf(Route53Exception.class)
                    .hasMessageContaining("not authorized"));
            assertThatThrownBy(() -> submit(
                            controller, others, List.of(change("UPSERT", "a.mirror.example.org", "A", "192.0.2.1"))))
                    .as("another zone")
                    .hasMessageContaining("not authorized");
            assertThatThrownBy(() -> controller.getHostedZone(request -> request.id(zoneId)))
                    .as("a call that the controller never makes")
                    .hasMessageContaining("not authorized");
            assertThat(judged.refused()).hasSize(outside.size() + 2);
            assertThat(judged.allowed()).isEmpty();

            submit(controller, zoneId, List.of(change("UPSERT", "OWN.Mirror.Example.Org.", "A", "192.0.2.1")));
            assertThat(judged.allowed())
                    .extracting(call -> call.context().get("route53:ChangeResourceRecordSetsNormalizedRecordNames"))
                    .containsExactly(List.of("own.mirror.example.org"));
        }
    }

    @Test
    void whatProvesNamesInAnotherZoneIsAllowedThereAndNothingElse() throws Exception {
        var proofs = DnsName.parse("proofs.example.net");
        String id = owner.createHostedZone(
                        request -> request.name(proofs.value()).callerReference("proofs"))
                .hostedZone()
                .id()
                .replaceFirst("^/hostedzone/", "");
        submit(
                owner,
                zoneId,
                List.of(change("CREATE", "_acme-challenge.mirror.example.org", "CNAME", "all.proofs.example.net.")));
        var fleets = new Fleets(folder)
                .fleet("minimum-serving = 1, certificates { agree = true, challenge-zone = " + proofs + " }")
                .node("east", "east-1", "127.0.94.1");
        var allowed = new Policies(fleets.build(), Optional.of(zoneId), Optional.of(id)).controller();
        try (var judged = new JudgedRoute53(route53.endpoint(), new PolicyJudge(allowed));
                var controller = client(judged.endpoint().toString())) {
            FleetConfiguration fleet = fleets.endpoint(judged.endpoint()).build();
            var dns = fleet.dns().orElseThrow();
            try (var zone = Route53Zone.open(dns, CREDENTIALS);
                    var other = Route53Zone.open(dns, proofs, CREDENTIALS)) {
                var challenges =
                        FleetDns.of(fleet, zone, QUICK, Fence.ALONE, line -> {}).challenges(proofs, other);
                var digests = new LinkedHashMap<>(Map.of(dns.name(), Set.of("digest")));
                assertThat(challenges.place(digests)).isInstanceOf(ChallengeRecords.Placing.Placed.class);
                assertThat(owner.listResourceRecordSets(request -> request.hostedZoneId(id))
                                .resourceRecordSets())
                        .anyMatch(records -> records.name().equals("all.proofs.example.net."));
                assertThat(challenges.remove(Set.of(dns.name()))).isEmpty();
            }
            assertThat(judged.refused()).isEmpty();
            for (Change outside : List.of(
                    change("UPSERT", "all.proofs.example.net", "A", "192.0.2.1"),
                    change("UPSERT", "www.example.net", "TXT", "\"x\""))) {
                assertThatThrownBy(() -> submit(controller, id, List.of(outside)))
                        .isInstanceOf(Route53Exception.class)
                        .hasMessageContaining("not authorized");
            }
        }
    }

    private static void submit(Route53Client client, String zone, List<Change> changes) {
        client.changeResourceRecordSets(request -> request.hostedZoneId(zone)
                .changeBatch(ChangeBatch.builder().changes(changes).build()));
    }
}
