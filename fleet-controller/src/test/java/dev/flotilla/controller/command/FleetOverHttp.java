package dev.flotilla.controller.command;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.drill.MirrorKiller;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.local.bucket.BucketOptions;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.controller.local.route53.Exemption;
import dev.flotilla.controller.local.route53.Route53Options;
import dev.flotilla.controller.local.route53.Route53StandIn;
import dev.flotilla.controller.probe.Surroundings;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.model.RRType;

/** What verbs speak with over HTTP: an S3 server, the stand-in for Route 53, and nodes that answer; and the verbs themselves. */
final class FleetOverHttp implements AutoCloseable {
    private static final BucketCredentials KEY = new BucketCredentials("key", "secret");
    private static final StaticCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY.accessKeyId(), KEY.secretAccessKey()));

    final Path folder;
    final LocalBucket bucket;
    final Route53StandIn route53;
    final Route53Client client;
    final String zone;
    final List<String> asked = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<HttpServer> nodes = new ArrayList<>();
    Optional<String> answer = Optional.empty();
    Clock clock = Clock.systemUTC();
    AwsCredentialsProvider credentials = CREDENTIALS;

    FleetOverHttp(Path folder) throws Exception {
        this.folder = folder;
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        bucket = LocalBucket.start(new BucketOptions(folder.resolve("bucket"), "acme", anyPort, KEY));
        route53 = Route53StandIn.start(Route53Options.onLoopback()
                .withChangeDelay(Duration.ZERO)
                .withCheckInterval(Duration.ofMillis(50))
                .withExemptions(Exemption.LOOPBACK_FOR_LOCAL_FLEET, Exemption.UNTHROTTLED));
        client = client(route53.endpoint());
        zone = client.createHostedZone(request -> request.name("example.org").callerReference("test"))
                .hostedZone()
                .id();
        run("init", folder.resolve("acme").toString());
        Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
    }

    static Route53Client client(URI endpoint) {
        return Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .endpointOverride(endpoint)
                .credentialsProvider(CREDENTIALS)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.stop(0));
        client.close();
        route53.close();
        bucket.close();
    }

    int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var workplace = new Workplace(clock, () -> credentials, folder, "test@here", Map.of(), Optional.empty());
        CommandLine line = FlotillaCommand.with(List.of(
                new InitCommand(new SecureRandom()),
                new PlanCommand(workplace),
                new ApplyCommand(workplace, this::ask),
                new SimulateCommand(() -> CREDENTIALS),
                new DrainCommand(clock, () -> CREDENTIALS, "test@here"),
                new UndrainCommand(clock, () -> CREDENTIALS, "test@here"),
                new DoctorCommand(clock, () -> credentials, "test@here", Map.of()),
                new DestroyCommand(clock, () -> CREDENTIALS, "test@here", Map.of(), this::ask),
                DrillCommand.with(List.of(
                        new DrillFailoverCommand(
                                workplace, FleetOverHttp::noLocalFleet, folder, FleetOverHttp::nobodyKills, this::ask),
                        new DrillRestoreCommand(workplace, FleetOverHttp::noLocalFleet, folder),
                        new DrillHistoryCommand(workplace, FleetOverHttp::noLocalFleet, folder))),
                CertificatesCommand.with(
                        List.of(new CertificatesStatusCommand(clock), new CertificatesRenewCommand(workplace))),
                new AuditCommand(() -> CREDENTIALS),
                new PublishCommand(clock, () -> CREDENTIALS, folder, "test@here")));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private static Surroundings noLocalFleet(Path state) throws IOException {
        throw new IOException("no local fleet runs in " + state);
    }

    private static MirrorKiller nobodyKills(Path state) {
        throw new AssertionError("a fleet of machines is none of a local fleet's");
    }

    private Optional<String> ask(String question) {
        asked.add(question);
        return answer;
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    /** Starts what answers like a mirror that serves. */
    int serve(String address) throws IOException {
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

    void stopNode(int number) {
        nodes.get(number).stop(0);
    }

    Path file() {
        return folder.resolve("acme/fleet.conf");
    }

    /** Writes a file of a fleet with these regions, and gives its name. */
    String fleet(String... written) throws IOException {
        return fleetWith("", written);
    }

    /** The same with more settings of the fleet. */
    String fleetWith(String more, String... written) throws IOException {
        return Files.writeString(file(), """
                        flotilla.fleet {
                          name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                          dns { zone = example.org, name = mirror.example.org, endpoint = "%s", calls-per-second = 100 }
                          %s
                          regions {
                            %s
                          }
                        }
                        """.formatted(
                                bucket.endpoint(), route53.endpoint(), more, String.join("\n    ", written)))
                .toString();
    }

    static String region(String name, String address, int port) {
        return "%s { nodes { %s-1 { address = %s, mirror { listen { port = %d } } } } }"
                .formatted(name, name, address, port);
    }

    FleetConfiguration configuration() {
        return ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file())).value();
    }

    /** Says of every node that it has a release, as its agent would. */
    void report(long release, Instant written) {
        FleetConfiguration fleet = configuration();
        try (var there = S3Bucket.open(fleet.bucket(), CREDENTIALS)) {
            for (Node node : fleet.nodes()) {
                var report = new NodeReport(
                        fleet.name(),
                        node.id().region(),
                        node.id().node(),
                        written,
                        new NodeReport.Agent("0.1.0", 4242),
                        Optional.of(new NodeReport.Release(release, NodeReport.State.COMMITTED, written)),
                        Optional.of(new NodeReport.Mirror(4343, true, written, 2, 1)),
                        NodeReport.Condition.HEALTHY,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
                there.put(
                        BucketLayout.report(node.id().region(), node.id().node()), report.toBytes(), Condition.none());
            }
        }
    }

    long addresses() {
        return client.listResourceRecordSets(request -> request.hostedZoneId(zone)).resourceRecordSets().stream()
                .filter(records ->
                        records.type() == RRType.A && !records.resourceRecords().isEmpty())
                .count();
    }
}
