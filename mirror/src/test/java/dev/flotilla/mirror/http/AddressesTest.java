package dev.flotilla.mirror.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                upstream wheelhouse: GET http://10.0.0.7:9000/acme/wheels/a.whl: status 403; the request wasn't signed | upstream wheelhouse: status 403; the request wasn't signed
                GET https://s3.corp.internal/a: Connection refused: s3.corp.internal/10.0.0.7:443 | Connection refused: its address
                GET https://s3.corp.internal/a: s3.corp.internal: Name or service not known | its address: Name or service not known
                upstream a: GET https://S3.Corp.internal:8443/a: No name matching s3.corp.internal found | upstream a: No name matching its address found
                GET http://[fd00::7]:9000/a: Connection refused: /[fd00:0:0:0:0:0:0:7]:9000 | Connection refused: its address
                upstream a: s3.corp.internal:443 failed several times or asked for a pause, so it isn't asked now | upstream a: its address failed several times or asked for a pause, so it isn't asked now
                refused to ask http://a.internal/x: its host is none of the configured ones (see file-hosts) | refused to ask its address: its host is none of the configured ones (see file-hosts)
                upstream a: GET https://a/x: refused a redirect from https to http://b.internal/y | upstream a: refused a redirect from https to its address
                upstream s3: GET https://s3/x: s3: Name or service not known | upstream s3: its address: Name or service not known
                nothing answers at 192.0.2.1 | nothing answers at its address
                upstream a: GET http://h/a: status 500; upstream b: GET http://i/a: status 502 | upstream a: status 500; upstream b: status 502
                it did not begin to come within 3000 ms | it did not begin to come within 3000 ms
                asked again at 2026-03-01T12:30:05Z, version 1.2.3 has 7 bytes, the limit is 6: too large | asked again at 2026-03-01T12:30:05Z, version 1.2.3 has 7 bytes, the limit is 6: too large
                the page has another SHA-256 digest for it than its path | the page has another SHA-256 digest for it than its path
                """)
    void whereOthersAreIsForTheLogAlone(String reason, String told) {
        assertThat(Addresses.without(reason)).isEqualTo(told);
    }
}
