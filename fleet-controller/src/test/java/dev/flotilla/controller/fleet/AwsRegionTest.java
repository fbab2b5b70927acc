package dev.flotilla.controller.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.route53.model.ResourceRecordSetRegion;

class AwsRegionTest {
    @Test
    void theRegionsAreThoseThatTheApiKnows() {
        assertThat(Arrays.stream(AwsRegion.values()).map(AwsRegion::id))
                .containsExactlyInAnyOrderElementsOf(ResourceRecordSetRegion.knownValues().stream()
                        .map(ResourceRecordSetRegion::toString)
                        .toList());
        assertThat(AwsRegion.parse("eu-central-1")).isEqualTo(AwsRegion.EU_CENTRAL_1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AwsRegion.parse("frankfurt"))
                .withMessageContaining("'frankfurt' is no AWS region")
                .withMessageContaining("eu-central-1");
    }

    @Test
    void othersFollowByTheirDistanceOverTheGlobe() {
        assertThat(AwsRegion.EU_CENTRAL_1.byDistance())
                .startsWith(AwsRegion.EU_CENTRAL_1, AwsRegion.EU_CENTRAL_2)
                .hasSize(AwsRegion.values().length);
        assertThat(AwsRegion.US_WEST_2.byDistance().indexOf(AwsRegion.AP_NORTHEAST_1))
                .as("over the Pacific")
                .isLessThan(AwsRegion.US_WEST_2.byDistance().indexOf(AwsRegion.ME_SOUTH_1));
        assertThat(AwsRegion.US_GOV_EAST_1.byDistance().getFirst()).isEqualTo(AwsRegion.US_GOV_EAST_1);
    }
}
