package dev.flotilla.mirror.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.settings.Loading;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorSharesTest {
    private static HttpSettings settings(int connections) {
        String text = """
                flotilla.mirror {
                  region = east, node = east-1
                  upstreams = [ { name = sample, index = "http://127.0.0.1:1/simple/" } ]
                  store { path = "/nowhere", budget = 1 GiB }
                  http { connections = %d, spare-connections = 50, descriptors-held-back = 500 }
                }
                """.formatted(connections);
        return switch (MirrorConfiguration.parse(text, "test.conf")) {
            case Loading.Loaded<MirrorConfiguration> loaded -> loaded.value().http();
            case Loading.Refused<MirrorConfiguration> refused -> throw new IllegalArgumentException(refused.text());
        };
    }

    /** However many connections are asked for: a file that can't stay open costs each answer. */
    @ParameterizedTest
    @ValueSource(longs = {1_000, 20_000, 65_536, 1_048_576})
    void filesHaveTheirShareAndNoMoreIsGivenAwayThanThereIs(long descriptors) {
        var http = settings(1_000_000);
        var shares = DescriptorShares.of(http, descriptors);
        long left = descriptors - 500 - 2 * 50;
        assertThat(shares.files()).isGreaterThanOrEqualTo((int) Math.min(1_024, left / 16));
        assertThat(2L * shares.connections() + shares.files()).isLessThanOrEqualTo(left);
        assertThat(shares.connections()).isGreaterThan((int) (left * 7 / 16));
    }

    @Test
    void whatConnectionsLeaveIsForFiles() {
        assertThat(DescriptorShares.of(settings(1_000), 20_000).files()).isEqualTo(20_000 - 600 - 2_000);
    }

    @Test
    void whereThereAreHardlyAnyOneConnectionIsServedAndNoFileStaysOpen() {
        var shares = DescriptorShares.of(settings(1_000), 100);
        assertThat(shares.connections()).isEqualTo(1);
        assertThat(shares.files()).isZero();
    }
}
