package dev.flotilla.controller.local.route53;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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
        checker = new HealthChecker(new Prober(Clock.systemUTC()), Optional.of(INTERVAL));
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
        await().until(() ->
                checker.observation("one").map(seen -> !seen.passed()).orElse(false));
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
        assertThat(checker.observation("one")).isEmpty();
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

    private HealthCheck check(int failureThreshold, boolean disabled) {
        HealthCheckSettings settings = new HealthCheckSettings(
                HealthCheckSettings.Kind.TCP,
                InetAddress.getLoopbackAddress(),
                target.getLocalPort(),
                "",
                Optional.empty(),
                Optional.empty(),
                10,
                failureThreshold,
                false,
                false,
                disabled,
                List.of());
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
