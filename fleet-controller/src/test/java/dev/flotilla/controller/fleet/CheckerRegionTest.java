package dev.flotilla.controller.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.route53.model.HealthCheckRegion;

class CheckerRegionTest {
    @Test
    void theRegionsAreThoseThatTheApiKnows() {
        assertThat(Arrays.stream(CheckerRegion.values()).map(CheckerRegion::id))
                .containsExactlyInAnyOrderElementsOf(HealthCheckRegion.knownValues().stream()
                        .map(HealthCheckRegion::toString)
                        .toList());
    }
}
