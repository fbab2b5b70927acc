package dev.flotilla.controller.local.route53;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HealthCheckerTest {
    private static final Duration INTERVAL = Duration.ofMillis(50);

    private final AtomicInteger probes = new AtomicInteger();
    private ServerSocket target;
    private HealthChecker checker;

    @BeforeEach
    void start() throws IOException {
        target = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::count);
        checker = new HealthChecker(new Prober(Clock.systemUTC()), List.of(Checker.LONE), Optional.of(INTERVAL));
    }

    @AfterEach
    void stop() throws IOException {
        checker.close();
        target.close();
    }

    @Test
    void aNewCheckIsHealthyUntilItsThresholdIsReached() throws IOException {
        target.close();
        checker.start(check(10, false));
        await().until(() -> checker.observations("one").stream()
                .anyMatch(seen -> !seen.observation().passed()));
        assertThat(checker.isHealthy("one")).isTrue();
        await().until(() -> !checker.isHealthy("one"));
    }

    @Test
    void aDisabledCheckMakesNoProbes() {
        checker.start(check(1, true));
        await().during(INTERVAL.multipliedBy(6)).until(() -> probes.get() == 0);
        assertThat(checker.isHealthy("one")).isTrue();
        checker.update(check(1, false));
        await().until(() -> probes.get() > 2);
    }

    @Test
    void aStoppedCheckMakesNoFurtherProbesAndCountsAsHealthy() throws IOException {
        checker.start(check(1, false));
        await().until(() -> probes.get() > 2);
        checker.stop("one");
        int made = probes.get();
        await().during(INTERVAL.multipliedBy(6)).until(() -> probes.get() <= made + 1);
        assertThat(checker.isHealthy("one")).isTrue();
        assertThat(checker.observations("one")).isEmpty();
    }

    @Test
    void aClosedCheckerMakesNoFurtherProbes() {
        checker.start(check(1, false));
        await().until(() -> probes.get() > 2);
        checker.close();
        int made = probes.get();
        await().during(INTERVAL.multipliedBy(6)).until(() -> probes.get() <= made + 1);
    }

    @Test
    void probesComeAtTheirInterval() {
        checker.start(check(1, false));
        long started = System.nanoTime();
        await().pollInterval(Duration.ofMillis(5)).until(() -> probes.get() >= 21);
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isGreaterThan(INTERVAL.multipliedBy(18));
    }

    @Test
    void moreThanEighteenPercentOfTheCheckersMakeIt() {
        assertThat(CheckStatus.areEnough(9, 50))
                .as("18 % are not more than 18 %")
                .isFalse();
        assertThat(CheckStatus.areEnough(10, 50)).isTrue();
        assertThat(CheckStatus.areEnough(2, 11)).isTrue();
        assertThat(CheckStatus.areEnough(1, 6)).isFalse();
    }

    @Test
    void anEndpointThatFewCheckersReachIsHealthyWhileTheyAreEnough() throws IOException {
        List<Checker> six = IntStream.rangeClosed(1, 6)
                .mapToObj(number -> new Checker(
                        List.of("us-east-1", "eu-west-1", "sa-east-1").get(number % 3),
                        Optional.of(InetAddress.ofLiteral("127.0.53." + number))))
                .toList();
        Set<String> reaching = ConcurrentHashMap.newKeySet();
        six.forEach(one -> reaching.add(one.address().getHostAddress()));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean reaches =
                    reaching.contains(exchange.getRemoteAddress().getAddress().getHostAddress());
            exchange.sendResponseHeaders(reaches ? 200 : 503, -1);
            exchange.close();
        });
        server.start();
        try (var several = new HealthChecker(new Prober(Clock.systemUTC()), six, Optional.of(INTERVAL))) {
            several.start(
                    check(HealthCheckSettings.Kind.HTTP, server.getAddress().getPort(), 1, false, List.of()));
            await().until(() -> passing(several) == 6);
            reaching.removeIf(address -> !address.endsWith(".1") && !address.endsWith(".2"));
            await().until(() -> passing(several) == 2);
            assertThat(several.isHealthy("one")).as("two of six").isTrue();
            reaching.remove("127.0.53.2");
            await().until(() -> passing(several) == 1);
            assertThat(several.isHealthy("one")).as("one of six").isFalse();

            several.update(check(
                    HealthCheckSettings.Kind.HTTP,
                    server.getAddress().getPort(),
                    1,
                    false,
                    List.of("eu-west-1", "ap-south-1", "us-west-2")));
            await().until(() -> several.observations("one").size() == 2);
            assertThat(several.isHealthy("one"))
                    .as("of the two in the regions that it names now, one")
                    .isTrue();
        } finally {
            server.stop(0);
        }
    }

    private static long passing(HealthChecker several) {
        List<HealthChecker.Sight> seen = several.observations("one");
        return seen.size() < 6
                ? -1
                : seen.stream().filter(sight -> sight.observation().passed()).count();
    }

    private HealthCheck check(int failureThreshold, boolean disabled) {
        return check(HealthCheckSettings.Kind.TCP, target.getLocalPort(), failureThreshold, disabled, List.of());
    }

    private static HealthCheck check(
            HealthCheckSettings.Kind kind, int port, int failureThreshold, boolean disabled, List<String> regions) {
        HealthCheckSettings settings = new HealthCheckSettings(
                kind,
                InetAddress.getLoopbackAddress(),
                port,
                "",
                Optional.empty(),
                Optional.empty(),
                10,
                failureThreshold,
                false,
                false,
                false,
                disabled,
                regions);
        return new HealthCheck("one", "one", 1, settings);
    }

    private void count() {
        while (!target.isClosed()) {
            try (Socket probe = target.accept()) {
                assertThat(probe.isConnected()).isTrue();
                probes.incrementAndGet();
            } catch (IOException ended) {
                assertThat(target.isClosed()).isTrue();
            }
        }
    }
}
