package dev.flotilla.controller.local.route53;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;

/** What arrives at the API without having been written by the SDK, and what it bears. */
@Timeout(60)
class RestApiTest {
    private static final String HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    private static final String ROOT =
            "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">";

    private final HttpClient http = HttpClient.newHttpClient();
    private Route53StandIn standIn;

    @BeforeEach
    void start() throws IOException {
        standIn = Route53StandIn.start(Route53Options.onLoopback());
    }

    @AfterEach
    void stop() {
        http.close();
        standIn.close();
    }

    @Test
    void aBodyOfTheSchemaIsTaken() throws Exception {
        HttpResponse<String> answer = post("/2013-04-01/hostedzone", body("flotilla.test"));
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.headers().firstValue("Location").orElse(""))
                .startsWith(standIn.endpoint() + "/2013-04-01/hostedzone/Z");
        assertThat(answer.body()).contains("<Name>flotilla.test.</Name>");
    }

    @Test
    void noEntityIsReadFromAFile(@TempDir Path folder) throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "stolen.test");
        HttpResponse<String> answer = post(
                "/2013-04-01/hostedzone",
                HEAD + "<!DOCTYPE a [<!ENTITY x SYSTEM \"" + secret.toUri() + "\">]>"
                        + body("&x;").substring(HEAD.length()));
        assertMalformed(answer);
        assertThat(answer.body()).doesNotContain("stolen");
    }

    @Test
    void entitiesThatGrowAreNotExpanded() throws Exception {
        StringBuilder entities = new StringBuilder("<!DOCTYPE a [<!ENTITY a0 \"aaaaaaaaaa\">");
        for (int level = 1; level < 12; level++) {
            entities.append("<!ENTITY a").append(level).append(" \"");
            entities.append(("&a" + (level - 1) + ";").repeat(10)).append("\">");
        }
        String document = HEAD + entities + "]>" + body("&a11;").substring(HEAD.length());
        assertMalformed(post("/2013-04-01/hostedzone", document));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no xml",
                "<a>",
                "{\"json\": true}",
                "<CreateHostedZoneRequest><Name>a.test</Name></CreateHostedZoneRequest>",
                "<?php echo 1 ?><CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"/>",
                "<!DOCTYPE a><CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"/>",
                "<CreateHealthCheckRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"/>"
            })
    void aBodyThatIsNotOfTheSchemaIsRefused(String body) throws Exception {
        assertMalformed(post("/2013-04-01/hostedzone", body));
    }

    @Test
    void aBodyOfEndlessDepthOrLengthIsRefused() throws Exception {
        assertMalformed(post("/2013-04-01/hostedzone", HEAD + ROOT + "<Name>".repeat(20_000)));
        assertMalformed(
                post("/2013-04-01/hostedzone", HEAD + ROOT + "<Name/>".repeat(60_000) + "</CreateHostedZoneRequest>"));
        HttpResponse<String> answer =
                post("/2013-04-01/hostedzone", " ".repeat(Route53Limits.DEFAULTS.requestBytes() + 1));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("<Code>InvalidInput</Code>").contains("longer than");
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        HttpResponse<String> answer =
                post("/2013-04-01/hostedzone", HEAD + ROOT + "<Name>a.test</Name></CreateHostedZoneRequest>");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("Missing field 'CallerReference'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/2013-04-01/trafficpolicy",
                "/2013-04-01/hostedzone/Z1/dnssec",
                "/2013-04-01/",
                "/2012-12-12/hostedzone"
            })
    void anOperationThatIsNotKnownIsRefusedAndNotAnswered(String path) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(standIn.endpoint() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("<Error>").contains("<Type>Sender</Type>");
    }

    @Test
    void anErrorNamesItsCodeAndTheRequest() throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(standIn.endpoint() + "/2013-04-01/hostedzone/Z404"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        String requestId = answer.headers().firstValue("x-amzn-RequestId").orElseThrow();
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body())
                .contains("<ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">")
                .contains("<Code>NoSuchHostedZone</Code>")
                .contains("<RequestId>" + requestId + "</RequestId>");
    }

    @Test
    void manyClientsAtOnceChangeOneZoneWithoutLosingAChange() throws Exception {
        try (Route53StandIn busy = Route53StandIn.start(Route53Options.onLoopback()
                        .withChangeDelay(Duration.ZERO)
                        .withExemptions(Exemption.UNTHROTTLED));
                StandInClient client = new StandInClient(busy.endpoint());
                ExecutorService writers = Executors.newFixedThreadPool(32)) {
            String zone = client.zone("flotilla.test");
            List<Future<?>> changes = new ArrayList<>();
            for (int number = 0; number < 128; number++) {
                ResourceRecordSet set = StandInClient.simple("n" + number + ".flotilla.test", RRType.A, "192.0.2.1");
                changes.add(writers.submit(() -> client.create(zone, set)));
            }
            for (Future<?> change : changes) {
                change.get();
            }
            assertThat(client.sets(zone)).hasSize(128);
        }
    }

    @Test
    void whoeverCallsTooOftenIsThrottledUntilHisTimeComes() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        standIn.close();
        standIn = Route53StandIn.start(Route53Options.onLoopback().withClock(new MovedClock(now)));
        for (int call = 0; call < 50; call++) {
            assertThat(get("/2013-04-01/hostedzone").statusCode()).isEqualTo(200);
        }
        HttpResponse<String> refused = get("/2013-04-01/hostedzone");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("<Code>Throttling</Code>").contains("<Message>Rate exceeded</Message>");

        now.set(now.get().plusSeconds(1));
        for (int call = 0; call < 10; call++) {
            assertThat(get("/2013-04-01/hostedzone").statusCode()).isEqualTo(200);
        }
        assertThat(get("/2013-04-01/hostedzone").statusCode()).isEqualTo(400);
    }

    @Test
    void statusesMayBeAskedForMuchMoreSeldom() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        standIn.close();
        standIn = Route53StandIn.start(Route53Options.onLoopback().withClock(new MovedClock(now)));
        for (int call = 0; call < 4; call++) {
            assertThat(get("/2013-04-01/healthcheck/none/status").statusCode()).isEqualTo(404);
        }
        assertThat(get("/2013-04-01/healthcheck/none/status").body()).contains("<Code>Throttling</Code>");
        assertThat(get("/2013-04-01/healthcheck/none").statusCode())
                .as("other calls go on")
                .isEqualTo(404);
        now.set(now.get().plusSeconds(1));
        assertThat(get("/2013-04-01/healthcheck/none/status").statusCode()).isEqualTo(404);
    }

    @Test
    void afterItsEndBothPortsAreFreeAgain() throws Exception {
        InetSocketAddress dns = standIn.dnsAddress();
        InetSocketAddress api = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), standIn.endpoint().getPort());
        post("/2013-04-01/hostedzone", body("flotilla.test"));
        standIn.close();
        standIn = Route53StandIn.start(Route53Options.onLoopback().withDns(dns).withApi(api));
        assertThat(standIn.dnsAddress()).isEqualTo(dns);
        assertThat(post("/2013-04-01/hostedzone", body("flotilla.test")).statusCode())
                .as("nothing is left of the first one's zones")
                .isEqualTo(201);
    }

    private static String body(String name) {
        return HEAD + ROOT + "<Name>" + name
                + "</Name><CallerReference>one</CallerReference></CreateHostedZoneRequest>";
    }

    private static void assertMalformed(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("<Code>MalformedInput</Code>");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(standIn.endpoint() + path))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(standIn.endpoint() + path))
                        .timeout(Duration.ofSeconds(20))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
