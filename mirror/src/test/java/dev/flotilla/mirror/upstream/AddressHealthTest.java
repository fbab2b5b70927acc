package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressHealthTest {
    private static final HostAndPort HOST = new HostAndPort("mirror.test", 80);
    private static final InetAddress FIRST = InetAddress.ofLiteral("127.0.0.2");
    private static final InetAddress SECOND = InetAddress.ofLiteral("127.0.0.3");
    private static final InetAddress THIRD = InetAddress.ofLiteral("127.0.0.4");
    private static final List<InetAddress> ALL = List.of(FIRST, SECOND, THIRD);
    private static final UpstreamCare CARE = new UpstreamCare(
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            4,
            20,
            100,
            5,
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            Duration.ofSeconds(60),
            Duration.ofSeconds(1));

    private final SettableClock clock = new SettableClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AddressHealth health = new AddressHealth(CARE, clock, new CareMeters(meters));

    private InetAddress chosen() {
        return health.choose(HOST, ALL).address();
    }

    @Test
    void theResolversOrderCountsWhileAllWork() {
        for (int i = 0; i < 10; i++) {
            var peer = health.choose(HOST, ALL);
            assertThat(peer.address()).isEqualTo(FIRST);
            peer.worked();
        }
    }

    @Test
    void anAddressThatFailedIsGoneAroundForAWhileThenTriedByOneRequestAlone() {
        health.choose(HOST, ALL).failed();
        assertThat(chosen()).isEqualTo(SECOND);
        assertThat(health.ejected()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(5));
        var trial = health.choose(HOST, ALL);
        assertThat(trial.address()).isEqualTo(FIRST);
        assertThat(chosen()).isEqualTo(SECOND);
        trial.worked();
        assertThat(chosen()).isEqualTo(FIRST);
        assertThat(health.ejected()).isZero();
    }

    @Test
    void theTimeGrowsWithEveryFailureUpToItsLimit() {
        for (int seconds : new int[] {5, 10, 20, 40, 60, 60}) {
            var peer = health.choose(HOST, ALL);
            assertThat(peer.address()).isEqualTo(FIRST);
            peer.failed();
            clock.advance(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(chosen()).isEqualTo(SECOND);
            clock.advance(Duration.ofMillis(1));
        }
    }

    @Test
    void manyRequestsThatWereUnderWayAreOneFailure() {
        var wave = java.util.stream.IntStream.range(0, 32)
                .mapToObj(i -> health.choose(HOST, ALL))
                .toList();
        wave.forEach(AddressHealth.Peer::failed);
        clock.advance(Duration.ofSeconds(5));
        assertThat(chosen()).isEqualTo(FIRST);
        assertThat(meters.get("flotilla.upstream.ejections").counter().count()).isEqualTo(1);
    }

    @Test
    void aSuccessThatBeganBeforeTheFailureEndsNoEjection() {
        var early = health.choose(HOST, ALL);
        health.choose(HOST, ALL).failed();
        early.worked();
        assertThat(chosen()).isEqualTo(SECOND);
    }

    @Test
    void oneThatGaveWrongBytesIsPutAsideForTheLongestTime() {
        var peer = health.choose(HOST, ALL);
        peer.worked();
        peer.lied();
        clock.advance(Duration.ofSeconds(59));
        assertThat(chosen()).isEqualTo(SECOND);
        clock.advance(Duration.ofSeconds(1));
        assertThat(chosen()).isEqualTo(FIRST);
    }

    @Test
    void theOnlyAddressIsAlwaysTried() {
        for (int i = 0; i < 20; i++) {
            var peer = health.choose(HOST, List.of(SECOND));
            assertThat(peer.address()).isEqualTo(SECOND);
            peer.failed();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whereAllFailAllAreTriedWhateverHappened(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            var peer = health.choose(HOST, ALL);
            switch (random.nextInt(4)) {
                case 0 -> peer.worked();
                case 1 -> peer.lied();
                case 2 -> peer.failed();
                default -> clock.advance(Duration.ofSeconds(random.nextInt(30)));
            }
        }
        var tried = new HashSet<InetAddress>();
        for (int i = 0; i < 6; i++) {
            var peer = health.choose(HOST, ALL);
            tried.add(peer.address());
            peer.failed();
        }
        assertThat(tried).containsExactlyInAnyOrderElementsOf(ALL);
    }

    @Test
    void memoryOfFailuresIsBounded() {
        for (int i = 1; i <= 50; i++) {
            health.choose(new HostAndPort("h" + i + ".test", 80), ALL).failed();
        }
        assertThat(health.ejected()).isEqualTo(4);
    }

    @Test
    void furtherAttemptsAreAShareOfTheFirstOnesAndWhatWasSavedUp() {
        var budget = new RetryBudget(0.25, 3);
        assertThat(List.of(budget.spend(), budget.spend(), budget.spend(), budget.spend()))
                .containsExactly(true, true, true, false);
        for (int i = 0; i < 4; i++) {
            assertThat(budget.spend()).isFalse();
            budget.earn();
        }
        assertThat(budget.spend()).isTrue();
        for (int i = 0; i < 1_000; i++) {
            budget.earn();
        }
        assertThat(List.of(budget.spend(), budget.spend(), budget.spend(), budget.spend()))
                .containsExactly(true, true, true, false);
    }
}
