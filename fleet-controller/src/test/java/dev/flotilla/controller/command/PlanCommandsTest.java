package dev.flotilla.controller.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.local.bucket.BucketOptions;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.controller.local.route53.Exemption;
import dev.flotilla.controller.local.route53.Route53Options;
import dev.flotilla.controller.local.route53.Route53StandIn;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.model.RRType;

/** The verbs over HTTP: an S3 server, the stand-in for Route 53, and nodes that answer. */
class PlanCommandsTest {
    private static final BucketCredentials KEY = new BucketCredentials("key", "secret");
    private static final StaticCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY.accessKeyId(), KEY.secretAccessKey()));

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<String> asked = new ArrayList<>();
    private final List<HttpServer> nodes = new ArrayList<>();
    private Optional<String> answer = Optional.empty();
    private LocalBucket bucket;
    private Route53StandIn route53;
    private Route53Client client;
    private String zone = "";

    @BeforeEach
    void start() throws Exception {
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        bucket = LocalBucket.start(new BucketOptions(folder.resolve("bucket"), "acme", anyPort, KEY));
        route53 = Route53StandIn.start(Route53Options.onLoopback()
                .withChangeDelay(Duration.ZERO)
                .withExemptions(Exemption.LOOPBACK_FOR_LOCAL_FLEET));
        client = Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .endpointOverride(route53.endpoint())
                .credentialsProvider(CREDENTIALS)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
        zone = client.createHostedZone(request -> request.name("example.org").callerReference("test"))
                .hostedZone()
                .id();
        assertThat(run("init", folder.resolve("acme").toString())).isZero();
        Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
    }

    @AfterEach
    void end() {
        nodes.forEach(node -> node.stop(0));
        client.close();
        route53.close();
        bucket.close();
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        Clock clock = Clock.systemUTC();
        CommandLine line = FlotillaCommand.with(List.of(
                new InitCommand(new SecureRandom()),
                new PlanCommand(clock, () -> CREDENTIALS, folder, "test@here", Map.of()),
                new ApplyCommand(clock, () -> CREDENTIALS, folder, "test@here", Map.of(), question -> {
                    asked.add(question);
                    return answer;
                }),
                new AuditCommand(() -> CREDENTIALS),
                new PublishCommand(clock, () -> CREDENTIALS, folder, "test@here")));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private int serve(String address) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(address, 0), 0);
        byte[] body = "ready\n".getBytes(StandardCharsets.UTF_8);
        server.createContext("/readyz", exchange -> {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        nodes.add(server);
        return server.getAddress().getPort();
    }

    private String fleet(String... written) throws IOException {
        return Files.writeString(folder.resolve("acme/fleet.conf"), """
                        flotilla.fleet {
                          name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                          dns { zone = example.org, name = mirror.example.org, endpoint = "%s", calls-per-second = 100 }
                          regions {
                            %s
                          }
                        }
                        """.formatted(
                                bucket.endpoint(), route53.endpoint(), String.join("\n    ", written)))
                .toString();
    }

    private static String region(String name, String address, int port) {
        return "%s { nodes { %s-1 { address = %s, mirror { listen { port = %d } } } } }"
                .formatted(name, name, address, port);
    }

    private long addresses() {
        return client.listResourceRecordSets(request -> request.hostedZoneId(zone)).resourceRecordSets().stream()
                .filter(records ->
                        records.type() == RRType.A && !records.resourceRecords().isEmpty())
                .count();
    }

    @Test
    void planShowsApplyDoesAndAfterwardsThereIsNothingToDo() throws Exception {
        String file = fleet(
                region("east", "127.0.93.1", serve("127.0.93.1")), region("west", "127.0.93.2", serve("127.0.93.2")));
        assertThat(run("plan", "-C", file)).as(err.toString()).isEqualTo(2);
        assertThat(out.toString())
                .contains("bucket:\n  + configuration/east/east-1/mirror.conf")
                .contains("dns:\n  + check http://127.0.93.1:")
                .contains(" to add, 0 to change, 0 to remove.");
        assertThat(folder.resolve("bucket/acme")).isEmptyDirectory();
        assertThat(addresses()).isZero();

        assertThat(run("apply", "-C", file)).isEqualTo(1);
        assertThat(err.toString()).contains("nobody can be asked here. Say --yes");
        answer = Optional.of("y");
        assertThat(run("apply", "-C", file)).isEqualTo(1);
        assertThat(err.toString()).contains("nothing is changed, as you wish");
        assertThat(run("apply", "-C", file, "--check", "--json")).isEqualTo(2);
        assertThat(out.toString().lines()).allMatch(line -> line.startsWith("{\"event\": \""));
        assertThat(asked).hasSize(2);
        assertThat(addresses()).isZero();

        answer = Optional.of("yes");
        assertThat(run("apply", "-C", file)).as(out + " " + err).isZero();
        assertThat(out.toString()).contains("release 1 is published").contains("Done: ");
        assertThat(addresses()).isEqualTo(2);
        assertThat(run("plan", "-C", file)).isZero();
        assertThat(out.toString().strip()).isEqualTo("Nothing to do: the fleet is as fleet.conf says.");
        assertThat(run("apply", "-C", file)).isZero();
        assertThat(asked).hasSize(3);
        assertThat(run("audit", "-C", file)).isZero();
        assertThat(out.toString())
                .contains("publish 1: done")
                .contains("apply: done")
                .contains("chain of 2 is whole");
    }

    @Test
    void aSavedPlanIsDoneAsItIsOrNotAtAll() throws Exception {
        String east = region("east", "127.0.93.1", serve("127.0.93.1"));
        String saved = folder.resolve("tonight.plan").toString();
        String file = fleet(east);
        assertThat(run("plan", "-C", file, "-o", saved)).isEqualTo(2);
        assertThat(run("publish", "-C", file)).isZero();
        assertThat(run("apply", "-C", file, saved)).isEqualTo(1);
        assertThat(err.toString()).contains("nothing is changed: the world has moved since the plan of ");
        assertThat(out.toString()).contains("no longer: + configuration/east/east-1/mirror.conf");
        assertThat(addresses()).isZero();

        assertThat(run("plan", "-C", file, "-o", saved)).isEqualTo(2);
        assertThat(run("apply", "-C", file, saved, "--limit", "east")).isEqualTo(1);
        assertThat(run("apply", "-C", file, saved, "--json")).isZero();
        assertThat(out.toString()).contains("{\"event\": \"end\",\"result\": \"done\",\"problems\": []}");
        assertThat(addresses()).isEqualTo(1);
        assertThat(asked).isEmpty();
        assertThat(run("apply", "-C", file, saved)).isEqualTo(1);
        assertThat(run("apply", "-C", file, folder.resolve("none.plan").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("there is no plan ");
    }

    @Test
    void aRegionLeavesOnlyWithSomebodysWordAndANodeThatDoesNotAnswerIsNamed() throws Exception {
        String east = region("east", "127.0.93.1", serve("127.0.93.1"));
        String west = region("west", "127.0.93.2", serve("127.0.93.2"));
        assertThat(run("apply", "-C", fleet(east, west), "--yes"))
                .as(err.toString())
                .isZero();
        String smaller = fleet(east);
        assertThat(run("apply", "-C", smaller, "--yes")).isEqualTo(1);
        assertThat(out.toString()).contains("! it takes all nodes of west out of DNS");
        assertThat(addresses()).isEqualTo(2);
        assertThat(run("apply", "-C", smaller, "--yes", "--allow-outage")).isZero();
        assertThat(addresses()).isEqualTo(1);
        nodes.getFirst().stop(0);
        assertThat(run("plan", "-C", smaller)).isEqualTo(1);
        assertThat(out.toString()).contains("! east/east-1 doesn't serve: nothing answers at 127.0.93.1:");
        assertThat(addresses()).isEqualTo(1);
    }
}
