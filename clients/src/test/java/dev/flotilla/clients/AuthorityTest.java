package dev.flotilla.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorityTest {
    @ParameterizedTest
    @CsvSource({"mirror.example.org, mirror.example.org", "a:8080, a", "[::1]:80, [::1]", "[2001:db8::1], [2001:db8::1]"
    })
    void aHostHasAPortOrNone(String written, String host) {
        assertThat(Authority.parse(written)).contains(new Authority(host, written));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "a b", "a\nb", "a:0", "a:65536", "a:", "a/b", "a@b", "a'b", "$(id)", "::1", "-a", "a..b", "[::1"
            })
    void whatIsNoHostIsRefused(String written) {
        assertThat(Authority.parse(written)).isEmpty();
        assertThatThrownBy(() -> new Authority(written, written)).isInstanceOf(IllegalArgumentException.class);
    }
}
