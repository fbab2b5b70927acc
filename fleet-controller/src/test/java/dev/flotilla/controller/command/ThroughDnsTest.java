package dev.flotilla.controller.command;

import static dev.flotilla.controller.command.FleetOverHttp.region;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.local.route53.SecuredServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Drained and undrained by health checks while there is no bucket, as clients see it. */
@Timeout(120)
class ThroughDnsTest {
    private static final String HTTPS = "dns { check-protocol = https }, mirror { tls { port = 8443 } }";

    @TempDir
    Path folder;

    @Test
    void withoutABucketARegionIsDrainedAndUndrainedThroughItsHealthChecks() throws Exception {
        try (var world = new FleetOverHttp(folder)) {
            String file = world.fleet(
                    region("east", "127.0.96.1", world.serve("127.0.96.1")),
                    region("west", "127.0.96.2", world.serve("127.0.96.2")));
            assertThat(world.run("apply", "-C", file, "--yes")).as(world.err()).isZero();
            await().atMost(Duration.ofSeconds(20)).until(() -> answer(world).equals("127.0.96.1"));
            world.bucket.close();

            assertThat(world.run("drain", "east", "-C", file, "--through-dns", "--reason", "why"))
                    .isEqualTo(1);
            assertThat(world.err()).contains("keeps no reason");
            assertThat(world.run("drain", "east", "-C", file, "--through-dns"))
                    .as(world.err())
                    .isZero();
            assertThat(world.out()).startsWith("Clients are led away from east/east-1 by Route 53, within ");
            assertThat(answer(world)).as("at once").isEqualTo("127.0.96.2");
            assertThat(world.run("drain", "west", "-C", file, "--through-dns")).isEqualTo(1);
            assertThat(world.err()).contains("0 serve, and minimum-serving is 1");

            assertThat(world.run("undrain", "east", "-C", file, "--through-dns", "--json"))
                    .as(world.err())
                    .isZero();
            assertThat(world.out()).contains("\"changed\": [\"east/east-1\"]");
            assertThat(answer(world)).isEqualTo("127.0.96.1");
        }
    }

    @Test
    void whereChecksAskByHttpsOnlyWhoAnswersByItIsLedToAgain() throws Exception {
        try (var world = new FleetOverHttp(folder);
                var encrypted = new SecuredServer(folder)) {
            int east = world.serve("127.0.0.1");
            String west = region("west", "127.0.96.2", world.serve("127.0.96.2"));
            String file = world.fleet(region("east", "127.0.0.1", east), west);
            assertThat(world.run("apply", "-C", file, "--yes")).as(world.err()).isZero();
            assertThat(world.run("drain", "east", "-C", file, "--through-dns"))
                    .as(world.err())
                    .isZero();

            world.fleetWith(HTTPS, secured("east", "127.0.0.1", east, east), west);
            assertThat(world.run("undrain", "east", "-C", file, "--through-dns"))
                    .isEqualTo(1);
            assertThat(world.err()).contains("east/east-1 doesn't serve");

            world.fleetWith(HTTPS, secured("east", "127.0.0.1", east, encrypted.port()), west);
            assertThat(world.run("undrain", "east", "-C", file, "--through-dns"))
                    .as(world.err())
                    .isZero();
            assertThat(encrypted.asked()).isNotEmpty();
        }
    }

    private static String secured(String name, String address, int port, int encrypted) {
        return "%s { nodes { %s-1 { address = %s, mirror { listen { port = %d }, tls { port = %d } } } } }"
                .formatted(name, name, address, port, encrypted);
    }

    private static String answer(FleetOverHttp world) throws IOException {
        SimpleResolver resolver = new SimpleResolver(world.route53.dnsAddress());
        resolver.setTimeout(Duration.ofSeconds(5));
        Record question = Record.newRecord(Name.fromString("mirror.example.org."), Type.A, DClass.IN);
        return resolver.send(Message.newQuery(question)).getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .findFirst()
                .orElse("");
    }
}
