package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SummaryTest {
    private static final Addresses ADDRESSES = new Addresses(
            new ConfigurationFiles.MirrorPorts(8080, 8081, OptionalInt.empty()),
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 8053));

    @Test
    void everythingToCopyStandsAloneOnItsLine() {
        String summary = Summary.of(Path.of("/s/local"), ADDRESSES, "flotilla-sample-app", true, "./flotilla");
        assertThat(summary.lines().map(String::strip))
                .contains(
                        "index-url = http://127.0.1.1:8080/simple/",
                        "index-url = http://127.0.2.1:8080/simple/",
                        "trusted-host = 127.0.2.1",
                        "/tmp/try-flotilla/bin/pip install --index-url http://127.0.1.1:8080/simple/ flotilla-sample-app",
                        "name server:  dig @127.0.0.1 -p 8053 +short mirror.flotilla.test",
                        "status:       ./flotilla status --state /s/local");
    }

    @Test
    void aFolderWithBlanksIsOneWordForTheShell() {
        assertThat(Summary.of(Path.of("/s/ada's state"), ADDRESSES, "six", false, "/opt/flotilla/bin/flotilla"))
                .contains("/opt/flotilla/bin/flotilla status --state '/s/ada'\\''s state'")
                .doesNotContain("sample");
    }
}
