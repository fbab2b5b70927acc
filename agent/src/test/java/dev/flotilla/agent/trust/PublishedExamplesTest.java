package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ByteSize;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What others made: key ids of the TUF 1.0 specification (section 4.3), a signature of its reference implementation. */
class PublishedExamplesTest {
    private static int signers(String document, PublicKey key, KeyId id) {
        return SignedDocument.parse(document.getBytes(StandardCharsets.UTF_8), ByteSize.ofKiB(64))
                .signers(new KeyRing(Map.of(id, key), 1));
    }

    @Test
    void keyIdsAreThoseOfTheSpecification() {
        assertThat(PublicKey.ed25519("72378e5bc588793e58f81c8533da64a2e8f1565c1fcc7f253496394ffc52542c")
                        .id())
                .isEqualTo(new KeyId("1bf1c6e3cdd3d3a8420b19199e27511999850f4b376c4547b2f32fba7e80fca3"));
        assertThat(PublicKey.ed25519("68ead6e54a43f8f36f9717b10669d1ef0ebb38cee6b05317669341309f1069cb")
                        .id())
                .isEqualTo(new KeyId("135c2f50e57ff11e744d234a62cebad8c38daf399604a7655661cc9199c69164"));
        assertThat(PublicKey.ed25519("66dd78c5c2a78abc6fc6b267ff1a8017ba0e8bfc853dd97af351949bba021275")
                        .id())
                .isEqualTo(new KeyId("cb3fbd83df4ba2471a736b065650878280964a98843ec13b457a99b2a21cc3b4"));
    }

    @Test
    void theReferenceImplementationsSignedTimestampVerifies() {
        var key = PublicKey.ed25519("82ccf6ac47298ff43bfa0cd639868894e305a99c723ff0515ae2e9856eb5bbf4");
        var id = new KeyId("8a1c4a3ac2d515dec982ba9910c5fd79b91ae57f625b9cff25d06bf0a61c1758");
        String document = """
                {
                 "signatures": [
                  {
                   "keyid": "8a1c4a3ac2d515dec982ba9910c5fd79b91ae57f625b9cff25d06bf0a61c1758",
                   "sig": "de0e16920f87bf5500cc65736488ac17e09788cce808f6a4e85eb9e4e478a312b4c1a2d7723af56f7bfb1df533c67d8c93b6f49d39eabe7fae391a08e1f72f01"
                  }
                 ],
                 "signed": {
                  "_type": "timestamp",
                  "expires": "2030-01-01T00:00:00Z",
                  "meta": {
                   "snapshot.json": {
                    "hashes": {
                     "sha256": "8f88e2ba48b412c3843e9bb26e1b6f8fc9e98aceb0fbaa97ba37b4c98717d7ab"
                    },
                    "length": 515,
                    "version": 1
                   }
                  },
                  "spec_version": "1.0.0",
                  "version": 1
                 }
                }
                """;
        assertThat(signers(document, key, id)).isEqualTo(1);
        assertThat(signers(document.replace("515", "516"), key, id)).isZero();
    }
}
