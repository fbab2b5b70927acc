package dev.flotilla.controller.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.MotoServer;
import dev.flotilla.controller.dns.FleetDns.Outcome;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;
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

    private static Outcome bring(FleetConfiguration fleet, List<String> serving) throws Exception {
        try (var zone = Route53Zone.open(fleet.dns().orElseThrow(), CREDENTIALS)) {
            return FleetDns.of(fleet, zone, QUICK, Fence.ALONE, line -> {})
                    .bring(Fleets.ids(serving.toArray(String[]::new)));
        }
    }

    @Test
    void aFleetOfMorePagesThanOneComesAndGoesAndTheZonesOtherRecordsStay() throws Exception {
        try (var server = MotoServer.start(folder.resolve("moto.log"));
                var client = Route53Client.builder()
                        .region(Region.AWS_GLOBAL)
                        .endpointOverride(server.endpoint())
                        .credentialsProvider(CREDENTIALS)
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build()) {
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
        }
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
