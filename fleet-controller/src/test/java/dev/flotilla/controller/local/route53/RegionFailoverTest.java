package dev.flotilla.controller.local.route53;

import static dev.flotilla.controller.local.route53.StandInClient.checked;
import static dev.flotilla.controller.local.route53.StandInClient.failoverAlias;
import static dev.flotilla.controller.local.route53.StandInClient.weighted;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static software.amazon.awssdk.services.route53.model.ResourceRecordSetFailover.PRIMARY;
import static software.amazon.awssdk.services.route53.model.ResourceRecordSetFailover.SECONDARY;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import software.amazon.awssdk.services.route53.model.HealthCheck;
import software.amazon.awssdk.services.route53.model.HealthCheckObservation;
import software.amazon.awssdk.services.route53.model.HealthCheckType;

/** Two regions as the controller writes them into DNS, with real servers behind their health checks. */
@Timeout(90)
class RegionFailoverTest {
    private static final Duration INTERVAL = Duration.ofMillis(500);
    /** Three intervals and one probe, which takes next to nothing where the port is closed, and some time to ask. */
    private static final Duration WITHIN = INTERVAL.multipliedBy(3).plusMillis(300);

    private static final String EAST = "127.0.1.1";
    private static final String WEST = "127.0.2.1";

    private final AtomicInteger eastStatus = new AtomicInteger(200);
    private Route53StandIn standIn;
    private StandInClient client;
    private HttpServer east;
    private HttpServer west;
    private HealthCheck eastCheck;
    private HealthCheck westCheck;

    @BeforeEach
    void start() throws IOException {
        standIn = Route53StandIn.start(Route53Options.onLoopback()
                .withChangeDelay(Duration.ofMillis(100))
                .withCheckInterval(INTERVAL)
                .withRandom(new Random(9))
                .withExemptions(Exemption.LOOPBACK_FOR_LOCAL_FLEET, Exemption.UNTHROTTLED));
        client = new StandInClient(standIn.endpoint());
        east = serve(EAST, 0, "east", eastStatus);
        west = serve(WEST, 0, "west", new AtomicInteger(200));
        eastCheck = check("east", east);
        westCheck = check("west", west);
        String zone = client.zone("flotilla.test");
        client.create(
                zone,
                checked(weighted("nodes.east.mirror.flotilla.test", "east-1", 1, EAST), eastCheck),
                checked(weighted("nodes.west.mirror.flotilla.test", "west-1", 1, WEST), westCheck));
        String eastLeaf = "nodes.east.mirror.flotilla.test";
        String westLeaf = "nodes.west.mirror.flotilla.test";
        client.create(
                zone,
                failoverAlias("east.mirror.flotilla.test", PRIMARY, zone, eastLeaf),
                failoverAlias("east.mirror.flotilla.test", SECONDARY, zone, westLeaf),
                failoverAlias("west.mirror.flotilla.test", PRIMARY, zone, westLeaf),
                failoverAlias("west.mirror.flotilla.test", SECONDARY, zone, eastLeaf),
                failoverAlias("mirror.flotilla.test", PRIMARY, zone, eastLeaf),
                failoverAlias("mirror.flotilla.test", SECONDARY, zone, westLeaf));
        await().atMost(Duration.ofSeconds(5))
                .ignoreExceptions()
                .until(() -> answer("mirror").equals(EAST));
    }

    @AfterEach
    void stop() {
        client.close();
        standIn.close();
        east.stop(0);
        west.stop(0);
    }

    @Test
    void aRegionThatDiesIsLeftWithinThreeIntervalsAndOneProbeAndReturnedToWhenItIsBack() throws IOException {
        int port = east.getAddress().getPort();
        awaitObservation(eastCheck, "Success: HTTP Status Code 200");
        assertThat(answer("west.mirror")).isEqualTo(WEST);

        east.stop(0);
        within().until(() -> answer("mirror").equals(WEST));
        assertThat(answer("east.mirror"))
                .as("workers pinned to the region move, too")
                .isEqualTo(WEST);
        assertThat(answer("nodes.east.mirror"))
                .as("the leaf has nothing better")
                .isEqualTo(EAST);

        east = serve(EAST, port, "east", eastStatus);
        within().until(() -> answer("mirror").equals(EAST));
        assertThat(answer("east.mirror")).isEqualTo(EAST);
    }

    @Test
    void aRegionThatDrainsIsLeft() {
        eastStatus.set(503);
        within().until(() -> answer("mirror").equals(WEST));
        awaitObservation(eastCheck, "Failure: HTTP Status Code 503");
        eastStatus.set(200);
        within().until(() -> answer("mirror").equals(EAST));
    }

    @Test
    void aServerOfAnotherRegionOnTheSameAddressDoesNotPass() throws IOException {
        int port = east.getAddress().getPort();
        east.stop(0);
        east = serve(EAST, port, "west", eastStatus);
        within().until(() -> answer("mirror").equals(WEST));
    }

    @Test
    void whenAllRegionsAreDownTheFirstIsAnswered() {
        east.stop(0);
        west.stop(0);
        within().until(() -> answer("west.mirror").equals(WEST)
                && !observation(westCheck).isBlank()
                && observation(westCheck).startsWith("Failure"));
        await().during(INTERVAL.multipliedBy(3))
                .atMost(Duration.ofSeconds(5))
                .until(() -> answer("mirror").equals(EAST));
    }

    @Test
    void anInvertedCheckTakesAHealthyRegionOutAndADisabledOneKeepsADeadOneIn() {
        client.sdk()
                .updateHealthCheck(
                        request -> request.healthCheckId(eastCheck.id()).inverted(true));
        within().until(() -> answer("mirror").equals(WEST));
        client.sdk()
                .updateHealthCheck(
                        request -> request.healthCheckId(eastCheck.id()).inverted(false));
        within().until(() -> answer("mirror").equals(EAST));

        east.stop(0);
        within().until(() -> answer("mirror").equals(WEST));
        client.sdk()
                .updateHealthCheck(
                        request -> request.healthCheckId(eastCheck.id()).disabled(true));
        within().until(() -> answer("mirror").equals(EAST));
    }

    @Test
    void aCheckThatIsDeletedWhileItSaysUnhealthyCountsAsHealthy() {
        east.stop(0);
        within().until(() -> answer("mirror").equals(WEST));
        client.sdk().deleteHealthCheck(request -> request.healthCheckId(eastCheck.id()));
        within().until(() -> answer("mirror").equals(EAST));
    }

    private static ConditionFactory within() {
        return await().pollInterval(Duration.ofMillis(20)).atMost(WITHIN);
    }

    private void awaitObservation(HealthCheck check, String status) {
        await().atMost(Duration.ofSeconds(5)).until(() -> observation(check).equals(status));
    }

    private String observation(HealthCheck check) {
        return client
                .sdk()
                .getHealthCheckStatus(request -> request.healthCheckId(check.id()))
                .healthCheckObservations()
                .stream()
                .map(HealthCheckObservation::statusReport)
                .map(report -> String.valueOf(report.status()))
                .findFirst()
                .orElse("");
    }

    private HealthCheck check(String region, HttpServer server) {
        return client.check(
                region,
                config -> config.type(HealthCheckType.HTTP_STR_MATCH)
                        .ipAddress(server.getAddress().getAddress().getHostAddress())
                        .port(server.getAddress().getPort())
                        .resourcePath("/readyz")
                        .searchString("ready " + region)
                        .requestInterval(10)
                        .failureThreshold(2));
    }

    private String answer(String name) throws IOException {
        SimpleResolver resolver = new SimpleResolver(standIn.dnsAddress());
        resolver.setTimeout(Duration.ofSeconds(2));
        Record question = Record.newRecord(Name.fromString(name + ".flotilla.test."), Type.A, DClass.IN);
        return resolver.send(Message.newQuery(question))
                .getSection(Section.ANSWER)
                .getFirst()
                .rdataToString();
    }

    private static HttpServer serve(String address, int port, String region, AtomicInteger status) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), port), 0);
        server.createContext("/readyz", exchange -> {
            byte[] body = ("ready " + region + " node-1\n").getBytes(UTF_8);
            exchange.sendResponseHeaders(status.get(), body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }
}
