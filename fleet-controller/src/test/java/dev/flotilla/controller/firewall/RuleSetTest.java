package dev.flotilla.controller.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleSetTest {
    private static final String OPERATIONS = "operations = [ \"192.0.2.0/28\" ]";

    @TempDir
    private Path folder;

    private Loading<FleetConfiguration> load(String firewall, String more) throws IOException {
        return FleetConfiguration.load(Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme
                  bucket { name = acme-mirrors }
                  firewall { %s }
                  %s
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                }
                """.formatted(firewall, more)));
    }

    private String rules(String firewall, String more) throws IOException {
        return switch (load(firewall, more)) {
            case Loading.Loaded<FleetConfiguration> loaded -> {
                FleetConfiguration fleet = loaded.value();
                yield RuleSet.of(
                        fleet, fleet.firewall().orElseThrow(), fleet.nodes().getFirst());
            }
            case Loading.Refused<FleetConfiguration> refused -> throw new AssertionError(refused.text());
        };
    }

    private String refusal(String firewall) throws IOException {
        return switch (load(firewall, "")) {
            case Loading.Loaded<FleetConfiguration> loaded -> "loaded: " + loaded.value();
            case Loading.Refused<FleetConfiguration> refused -> refused.text();
        };
    }

    /** Where nobody says otherwise, clients come from anywhere, and names of hosts may be anywhere, at their ports alone. */
    @Test
    void whatIsNotSaidIsAnywhereAtThePortsThatBelongToIt() throws IOException {
        assertThat(rules(OPERATIONS, ""))
                .contains("""
                    set operations4 {
                        type ipv4_addr
                        flags interval
                        auto-merge
                        elements = { 192.0.2.0/28 }
                    }
                """)
                .contains("""
                                meta l4proto tcp th dport { 8080 } accept comment "clients: anywhere"
                                ip saddr @operations4 meta l4proto tcp th dport { 22, 8081 } accept comment "operations"
                            }
                        """)
                .contains("""
                                meta l4proto { tcp, udp } th dport { 53 } accept comment "name-servers: anywhere"
                                meta l4proto udp th dport { 123 } accept comment "time-servers: anywhere"
                                meta l4proto tcp th dport { 443 } accept comment "bucket: anywhere"
                                meta l4proto tcp th dport { 443 } accept comment "upstreams: anywhere"
                            }
                        """)
                .contains("chain output", "tcp sport { 22, 8080, 8081 } tcp flags & (syn | ack) != syn accept")
                .containsSubsequence("chain input", "policy drop", "chain forward", "policy drop", "chain output")
                .doesNotContain("policy accept");
    }

    @Test
    void everyPortAndEveryHostComesFromTheFleetsOwnSettings() throws IOException {
        assertThat(rules(OPERATIONS + """
                , clients = [ "10.0.0.0/8", "2001:db8::/32", "10.1.0.0/16" ], health-checkers = [ "198.51.100.7" ]
                  name-servers = [ "192.0.2.53" ], time-servers = [ "2001:db8::7" ], credentials = [ "169.254.169.254" ]
                  upstreams = [ "203.0.113.0/24" ]
                """, """
                ssh { user = deploy, port = 2222 }
                bucket { endpoint = "http://[2001:db8::9]:9000" }
                mirror {
                  listen { port = 80 }, tls { certificate = /c, key = /k }, operations { port = 9090 }
                  upstreams = [
                    { name = index, index = "https://index.example.org:8443/simple/", file-hosts = [ files.example.org, "198.51.100.3:8000" ] }
                    { name = other, index = "http://203.0.113.9/simple/", files = "https://[2001:db8::1]:4443/" }
                  ]
                }
                """))
                .contains("elements = { 10.0.0.0/8, 10.1.0.0/16 }", "elements = { 2001:db8:0:0:0:0:0:0/32 }")
                .contains("ip6 saddr @clients6 meta l4proto tcp th dport { 80, 8443 } accept")
                .contains("ip saddr @clients4 meta l4proto tcp th dport { 80, 8443 } accept")
                .contains("ip saddr @health_checkers4 meta l4proto tcp th dport { 80, 8443 } accept")
                .contains("ip saddr @operations4 meta l4proto tcp th dport { 2222, 9090 } accept")
                .contains("ip daddr @name_servers4 meta l4proto { tcp, udp } th dport { 53 } accept")
                .contains("ip6 daddr @time_servers6 meta l4proto udp th dport { 123 } accept")
                .contains("ip daddr @credentials4 meta l4proto tcp th dport { 80 } accept")
                .contains("ip6 daddr 2001:db8:0:0:0:0:0:9 meta l4proto tcp th dport { 9000 } accept comment \"bucket\"")
                .contains("ip daddr 198.51.100.3 meta l4proto tcp th dport { 8000 } accept comment \"upstreams\"")
                .contains("ip daddr 203.0.113.9 meta l4proto tcp th dport { 80 } accept comment \"upstreams\"")
                .contains(
                        "ip6 daddr 2001:db8:0:0:0:0:0:1 meta l4proto tcp th dport { 4443 } accept comment \"upstreams\"")
                .contains("ip daddr @upstreams4 meta l4proto tcp th dport { 8443 } accept comment \"upstreams\"")
                .doesNotContain("anywhere");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mirror.example.org",
                "192.0.2.1/24",
                "192.0.2.0/33",
                "192.0.2.0/",
                "192.0.2/24",
                "fe80::1%eth0",
                "2001:db8::/129",
                "[2001:db8::1]",
                "192.0.2.1 } accept; #",
                ""
            })
    void whatIsNoRangeIsRefusedWithWhatWouldBeOne(String range) throws IOException {
        assertThat(refusal("operations = [ \"" + range + "\" ]"))
                .contains("fleet.conf:4: flotilla.fleet.firewall.operations")
                .contains("'" + range + "' is no range of addresses: write one as in 192.0.2.0/24");
    }

    @Test
    void nobodyLocksThemselvesOut() throws IOException {
        assertThat(refusal("")).contains("operations has to say from where people and controllers come");
    }

    @Test
    @Tag("real")
    void nftTakesIt() throws Exception {
        for (String text : new String[] {rules(OPERATIONS, ""), rules(OPERATIONS + """
                    , clients = [ "0.0.0.0/0", "::/0", "10.0.0.0/8", "10.0.0.0/8" ], health-checkers = [ "198.51.100.7", "2001:db8::7" ]
                      name-servers = [ "192.0.2.53" ], time-servers = [ "2001:db8::7" ], credentials = [ "169.254.169.254" ]
                      upstreams = [ "203.0.113.0/24" ], bucket = [ "2001:db8::/32" ]
                    """, "")}) {
            Path file = Files.writeString(folder.resolve("rules.nft"), text);
            Process nft = new ProcessBuilder("unshare", "--net", "nft", "--check", "--file", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("said").toFile())
                    .start();
            assertThat(nft.waitFor(90, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve("said")).as(text).isEmptyFile();
            assertThat(nft.exitValue()).isZero();
        }
    }
}
