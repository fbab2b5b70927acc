package dev.flotilla.controller.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.MotoServer;
import dev.flotilla.controller.dns.FleetDns.Outcome;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.HealthCheckType;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.TagResourceType;

/** The real SDK over HTTP against moto's Route 53, which isn't ours and was written against other clients. */
@Tag("real")
@Tag("moto")
class Route53OnMotoTest {
    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    private static final FleetDns.Timing QUICK = new FleetDns.Timing(Duration.ofMillis(20), Duration.ofSeconds(60));

    @TempDir
    Path folder;

    private static Outcome bring(FleetConfiguration fleet, List<String> serving, String... adopted) throws Exception {
        try (var zone = Route53Zone.open(fleet.dns().orElseThrow(), CREDENTIALS)) {
            return FleetDns.of(fleet, zone, QUICK, Fence.ALONE, line -> {})
                    .adopting(Stream.of(adopted).map(DnsName::new).collect(Collectors.toSet()))
                    .bring(Fleets.ids(serving.toArray(String[]::new)));
        }
    }

    @Test
    void aFleetOfMorePagesThanOneComesAndGoesAndTheZonesOtherRecordsStay() throws Exception {
        try (var server = MotoServer.start(folder.resolve("moto.log"));
                var client = client(server.endpoint())) {
            for (String name : List.of("example.net", "example.org", "sub.example.org")) {
                client.createHostedZone(request -> request.name(name).callerReference(name));
            }
            var wide = new Fleets(folder).endpoint(server.endpoint());
            List<String> all = new ArrayList<>();
            for (int region = 0; region < 13; region++) {
                wide.node("r" + region, "n" + region, "192.0.2." + (region + 1));
                all.add("r" + region + "/n" + region);
            }
            FleetConfiguration fleet = wide.build();
            assertThat(bring(fleet, all)).isInstanceOf(Outcome.Applied.class);
            assertThat(bring(fleet, all))
                    .as("all pages come back as they were written")
                    .isEqualTo(new Outcome.Unchanged(List.of()));
            checksAreFoundByTheirReferences(client, fleet);

            FleetConfiguration small = new Fleets(folder)
                    .endpoint(server.endpoint())
                    .node("r3", "n3", "192.0.2.4")
                    .build();
            assertThat(bring(small, List.of("r3/n3"))).isInstanceOf(Outcome.Applied.class);
            assertThat(client.listHealthChecks().healthChecks()).hasSize(1);
            assertThat(bring(small, List.of("r3/n3"))).isEqualTo(new Outcome.Unchanged(List.of()));

            FleetConfiguration encrypted = new Fleets(folder)
                    .fleet("mirror { tls { port = 8443 } }")
                    .dns("check-protocol = https, endpoint = \"" + server.endpoint() + "\", calls-per-second = 100")
                    .node("r3", "n3", "192.0.2.4")
                    .build();
            assertThat(bring(encrypted, List.of("r3/n3"))).isInstanceOf(Outcome.Applied.class);
            assertThat(bring(encrypted, List.of("r3/n3")))
                    .as("a check by HTTPS comes back as it was made")
                    .isEqualTo(new Outcome.Unchanged(List.of()));
            assertThat(client.listHealthChecks().healthChecks()).singleElement().satisfies(check -> {
                assertThat(check.healthCheckConfig().type()).isEqualTo(HealthCheckType.HTTPS_STR_MATCH);
                assertThat(check.healthCheckConfig().fullyQualifiedDomainName()).isEqualTo("r3.mirror.example.org");
                assertThat(check.healthCheckConfig().enableSNI()).isTrue();
            });
        }
    }

    @Test
    void othersRecordsAreTakenOverAndRegionsSwapTheirPlaces() throws Exception {
        try (var server = MotoServer.start(folder.resolve("moto.log"));
                var client = client(server.endpoint())) {
            String zone = client.createHostedZone(
                            request -> request.name("example.org").callerReference("zone"))
                    .hostedZone()
                    .id();
            put(client, zone, "mirror.example.org.", RRType.A, "198.51.100.1");
            put(client, zone, "east.mirror.example.org.", RRType.CNAME, "old.example.net.");
            List<String> all = List.of("east/east-1", "west/west-1");
            FleetConfiguration fleet = latency(server.endpoint(), "us-east-1", "eu-west-1");
            assertThat(bring(fleet, all)).isInstanceOf(Outcome.Applied.class);
            assertThat(routing(client, zone, "mirror.example.org."))
                    .as("unsaid, it is left alone")
                    .containsExactly("A plain");
            assertThat(bring(fleet, all, "mirror.example.org", "east.mirror.example.org"))
                    .isInstanceOf(Outcome.Applied.class);
            assertThat(routing(client, zone, "mirror.example.org."))
                    .containsExactlyInAnyOrder(
                            "A us-east-1 nodes.east.mirror.example.org.", "A eu-west-1 nodes.west.mirror.example.org.");
            assertThat(routing(client, zone, "east.mirror.example.org."))
                    .isNotEmpty()
                    .allMatch(records -> records.startsWith("A failover"));
            assertThat(bring(fleet, all)).isEqualTo(new Outcome.Unchanged(List.of()));

            FleetConfiguration swapped = latency(server.endpoint(), "eu-west-1", "us-east-1");
            assertThat(bring(swapped, all)).isInstanceOf(Outcome.Applied.class);
            assertThat(routing(client, zone, "mirror.example.org."))
                    .containsExactlyInAnyOrder(
                            "A eu-west-1 nodes.east.mirror.example.org.", "A us-east-1 nodes.west.mirror.example.org.");
            assertThat(bring(swapped, all)).isEqualTo(new Outcome.Unchanged(List.of()));
        }
    }

    private FleetConfiguration latency(URI endpoint, String east, String west) {
        return new Fleets(folder)
                .dns("policy = latency, endpoint = \"" + endpoint + "\", calls-per-second = 100")
                .region("east", "aws-region = " + east)
                .region("west", "aws-region = " + west)
                .node("east", "east-1", "192.0.2.1")
                .node("west", "west-1", "192.0.2.2")
                .build();
    }

    private static Route53Client client(URI endpoint) {
        return Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .endpointOverride(endpoint)
                .credentialsProvider(CREDENTIALS)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private static void put(Route53Client client, String zone, String name, RRType type, String value) {
        var record = ResourceRecord.builder().value(value).build();
        var change = software.amazon.awssdk.services.route53.model.Change.builder()
                .action(ChangeAction.CREATE)
                .resourceRecordSet(set -> set.name(name).type(type).ttl(60L).resourceRecords(List.of(record)))
                .build();
        client.changeResourceRecordSets(
                request -> request.hostedZoneId(zone).changeBatch(batch -> batch.changes(List.of(change))));
    }

    /** What stands at a name: type, policy and where it leads. */
    private static List<String> routing(Route53Client client, String zone, String name) {
        return client.listResourceRecordSets(request -> request.hostedZoneId(zone)).resourceRecordSets().stream()
                .filter(set -> set.name().equals(name) && set.type() != RRType.TXT)
                .map(set -> set.typeAsString() + " "
                        + (set.region() != null
                                ? set.regionAsString() + " " + set.aliasTarget().dnsName()
                                : set.failover() != null ? "failover" : "plain"))
                .toList();
    }

    private static void checksAreFoundByTheirReferences(Route53Client client, FleetConfiguration fleet)
            throws Exception {
        var first = client.listHealthChecks().healthChecks().getFirst();
        assertThat(client.listTagsForResource(request -> request.resourceType(TagResourceType.HEALTHCHECK)
                                .resourceId(first.id()))
                        .resourceTagSet()
                        .tags())
                .as("whose it is")
                .anyMatch(tag -> tag.value().equals(fleet.name().value()));
        try (var zone = Route53Zone.open(fleet.dns().orElseThrow(), CREDENTIALS)) {
            var settings =
                    HealthCheckSettings.of(fleet.nodes().getFirst(), fleet.dns().orElseThrow());
            var made = (Zone.Creation.Created) zone.createHealthCheck(settings, "flotilla:of-nobody:1", Map.of());
            assertThat(zone.healthChecks("flotilla:of-nobody:")).singleElement().satisfies(found -> {
                assertThat(found.id()).isEqualTo(made.id());
                assertThat(found.settings()).contains(settings);
            });
            zone.deleteHealthCheck(made.id());
            zone.deleteHealthCheck(made.id());
            assertThat(zone.healthChecks("flotilla:of-nobody:")).isEmpty();
            assertThat(zone.recordSets(new DnsName("mirror.example.org")))
                    .hasSizeGreaterThan(300)
                    .allMatch(RecordSet::isExpressible);
        }
    }
}
