package dev.flotilla.controller.local.route53;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Developer Guide, "How Amazon Route 53 determines whether a health check is healthy"; API Reference, HealthCheckConfig. */
class CheckStatusTest {
    private final CheckStatus status = new CheckStatus();

    @Test
    void aNewCheckIsHealthy() {
        assertThat(status.isHealthy()).isTrue();
    }

    @Test
    void asManyFailuresInARowAsTheThresholdSaysTurnIt() {
        observe(false, false);
        assertThat(status.isHealthy()).isTrue();
        observe(false);
        assertThat(status.isHealthy()).isFalse();
    }

    @Test
    void aSuccessBetweenFailuresBeginsTheCountAnew() {
        observe(false, false, true, false, false);
        assertThat(status.isHealthy()).isTrue();
    }

    @Test
    void itTakesAsManySuccessesInARowToComeBack() {
        observe(false, false, false);
        observe(true, true, false, true, true);
        assertThat(status.isHealthy()).isFalse();
        observe(true);
        assertThat(status.isHealthy()).isTrue();
    }

    @Test
    void aDisabledCheckCountsAsHealthyAndAnInvertedOneAsTheOpposite() {
        observe(false, false, false);
        assertThat(CheckStatus.countsAsHealthy(status.isHealthy(), settings(false, false)))
                .isFalse();
        assertThat(CheckStatus.countsAsHealthy(status.isHealthy(), settings(true, false)))
                .isTrue();
        assertThat(CheckStatus.countsAsHealthy(status.isHealthy(), settings(false, true)))
                .isTrue();
        assertThat(CheckStatus.countsAsHealthy(status.isHealthy(), settings(true, true)))
                .isFalse();
    }

    private void observe(boolean... results) {
        for (boolean result : results) {
            status.observe(result, 3);
        }
    }

    private static HealthCheckSettings settings(boolean disabled, boolean inverted) {
        return new HealthCheckSettings(
                HealthCheckSettings.Kind.TCP,
                InetAddress.getLoopbackAddress(),
                80,
                "",
                Optional.empty(),
                Optional.empty(),
                10,
                3,
                false,
                false,
                inverted,
                disabled,
                List.of());
    }
}
