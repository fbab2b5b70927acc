package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProvenanceDocumentTest {
    private static final String GOOD = """
            {"version": 1, "attestation_bundles": [{"publisher": {"kind": "GitHub", "claims": null},
             "attestations": [{"version": 1, "envelope": {"statement": "e30=", "signature": "x"}}]}], "more": [1.5]}
            """;

    @ParameterizedTest
    @ValueSource(
            strings = {
                GOOD,
                "{\"attestation_bundles\":[],\"version\":1}",
                "{\"version\":1,\"attestation_bundles\":[{\"attestations\":[]},{\"attestations\":[\"é\"]}]}"
            })
    void anObjectOfVersion1WithBundlesIsOne(String text) {
        assertThat(ProvenanceDocument.problem(text.getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{}",
                "<html></html>",
                "{\"version\":1}",
                "{\"attestation_bundles\":[]}",
                "{\"version\":2,\"attestation_bundles\":[]}",
                "{\"version\":1.0,\"attestation_bundles\":[]}",
                "{\"version\":\"1\",\"attestation_bundles\":[]}",
                "{\"version\":1,\"attestation_bundles\":{}}",
                "{\"version\":1,\"attestation_bundles\":[1]}",
                "{\"version\":1,\"attestation_bundles\":[{}]}",
                "{\"version\":1,\"attestation_bundles\":[{\"attestations\":{}}]}",
                "{\"version\":1,\"attestation_bundles\":[{\"attestations\":[],\"attestations\":[]}]}",
                "{\"version\":1,\"version\":1,\"attestation_bundles\":[]}",
                "{\"version\":1,\"attestation_bundles\":[]} {}",
                "{\"version\":1,\"attestation_bundles\":[",
                "{\"version\":1,\"attestation_bundles\":[],}"
            })
    void whatIsNoneIsToldWithAReason(String text) {
        assertThat(ProvenanceDocument.problem(text.getBytes(StandardCharsets.UTF_8)))
                .hasValueSatisfying(reason -> assertThat(reason).isNotBlank());
    }

    @Test
    void onlyUtf8IsTaken() {
        assertThat(ProvenanceDocument.problem(GOOD.getBytes(StandardCharsets.UTF_16BE)))
                .isPresent();
        assertThat(ProvenanceDocument.problem(GOOD.replace("GitHub", "\u00e9").getBytes(StandardCharsets.ISO_8859_1)))
                .isPresent();
    }

    @Test
    void whatIsNestedToDeathIsNone() {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        assertThat(ProvenanceDocument.problem(("{\"x\":" + deep + ",\"version\":1,\"attestation_bundles\":[]}")
                        .getBytes(StandardCharsets.UTF_8)))
                .isPresent();
    }

    @Test
    void noMutationMakesItThrow() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(740);
        byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] mutated = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            refused += ProvenanceDocument.problem(mutated).isPresent() ? 1 : 0;
        }
        assertThat(refused).isBetween(1_000, 19_999);
    }
}
