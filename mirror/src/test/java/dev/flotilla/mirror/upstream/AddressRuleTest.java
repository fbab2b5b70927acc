package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRuleTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.8.9.10",
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "198.18.0.1",
                "192.0.0.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "fe80::1",
                "fc00::1",
                "fd12:3456::1",
                "ff02::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::a00:1",
                "2002:7f00:1::",
                "2001:db8::1",
                "2001::1",
                "::7f00:1"
            })
    void addressesThatAreNotOfThePublicInternetAreRefused(String address) {
        assertThat(AddressRule.isPublic(InetAddress.ofLiteral(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"151.101.0.223", "172.32.0.1", "100.128.0.1", "2a04:4e42::223", "64:ff9b::9765:df"})
    void addressesOfThePublicInternetAreAllowed(String address) {
        assertThat(AddressRule.isPublic(InetAddress.ofLiteral(address))).isTrue();
    }

    @Test
    void anUpstreamAllowsItsOwnHostAndItsFileHostsOnly() {
        var index = UpstreamIndex.of(
                "one",
                URI.create("https://index.test/simple"),
                List.of(HostAndPort.parse("Files.test", 443), HostAndPort.parse("[::1]:8080", 443)));
        assertThat(index.index()).isEqualTo(URI.create("https://index.test/simple/"));
        assertThat(index.allows(URI.create("https://index.test/x"))).isTrue();
        assertThat(index.allows(URI.create("https://FILES.test:443/x"))).isTrue();
        assertThat(index.allows(URI.create("http://[::1]:8080/x"))).isTrue();
        for (String other : List.of(
                "http://files.test/x",
                "https://files.test:8443/x",
                "https://user@files.test/x",
                "https://files.test.evil.test/x",
                "https://evil.test/files.test",
                "ftp://files.test/x",
                "/x",
                "file:///etc/passwd")) {
            assertThat(index.allows(URI.create(other))).as(other).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "host:0", "host:99999", "host:", "a..b", "[::1", "user@host"})
    void whatIsNoHostIsRefused(String written) {
        assertThatThrownBy(() -> HostAndPort.parse(written, 443)).isInstanceOf(IllegalArgumentException.class);
    }
}
