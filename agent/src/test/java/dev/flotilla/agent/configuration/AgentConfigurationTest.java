package dev.flotilla.agent.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.settings.Loading;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentConfigurationTest {
    @TempDir
    private Path folder;

    private Loading<AgentConfiguration> load(String text) throws Exception {
        return AgentConfiguration.load(Files.writeString(folder.resolve("agent.conf"), text));
    }

    @Test
    void theLeastConfigurationHasSafeDefaults() throws Exception {
        var loaded = (Loading.Loaded<AgentConfiguration>) load("""
                flotilla.agent {
                  fleet = local, region = east, node = east-1
                  bucket { name = flotilla }
                  mirror { readiness = "http://127.0.1.1:8081/readyz" }
                }
                """);
        AgentConfiguration configuration = loaded.value();
        assertThat(configuration.state()).isEqualTo(Path.of("/var/lib/flotilla/agent"));
        assertThat(configuration.trustRoot()).isEqualTo(Path.of("/etc/flotilla/root.json"));
        assertThat(configuration.pollInterval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(configuration.bucket().endpoint()).isEqualTo(Optional.empty());
        assertThat(configuration.bucket().pathStyle()).isFalse();
        assertThat(configuration.mirror().restart().delay()).isEqualTo(Duration.ofSeconds(5));
        assertThat(configuration.mirror().keepWithStandardInput()).isFalse();
        assertThat(configuration.zone()).isEmpty();
        assertThat(configuration.limits()).isEqualTo(Limits.USUAL);
        assertThat(configuration.trust()).isEqualTo(TrustLimits.USUAL);
    }

    @Test
    void pathsAreRelativeToTheFile() throws Exception {
        var loaded = (Loading.Loaded<AgentConfiguration>) load("""
                flotilla.agent {
                  fleet = local, region = east, node = east-1, zone = "Example.org.", state = agent, trust-root = ../root.json
                  bucket { name = flotilla, endpoint = "http://127.0.0.1:9000", path-style = true }
                  mirror { readiness = "http://127.0.1.1:8081/readyz" }
                }
                """);
        assertThat(loaded.value().zone()).contains("example.org");
        assertThat(loaded.value().state()).isEqualTo(folder.resolve("agent"));
        assertThat(loaded.value().trustRoot()).isEqualTo(folder.resolve("../root.json"));
        assertThat(loaded.value().bucket().endpoint()).contains(URI.create("http://127.0.0.1:9000"));
    }

    @Test
    void everyProblemIsTold() throws Exception {
        var refused = (Loading.Refused<AgentConfiguration>) load("""
                flotilla.agent {
                  fleet = local
                  region = East
                  bucket { name = X, endpoint = "127.0.0.1:9000" }
                  mirror { readiness = "ftp://x", restart-delay = 2m, restart-delay-limit = 1m, log-size = 3 B }
                  limits { tries = 0 }
                  trust { targets = 9 MiB }
                  zone = "not a zone"
                }
                """);
        assertThat(refused.text())
                .contains(
                        "agent.conf:3: flotilla.agent.region: 'East' is no name",
                        "flotilla.agent.node: is missing",
                        "agent.conf:4: flotilla.agent.bucket.endpoint",
                        "agent.conf:5: flotilla.agent.mirror.readiness",
                        "agent.conf:5: flotilla.agent.mirror.log-size",
                        "agent.conf:6: flotilla.agent.limits.tries",
                        "agent.conf:7: flotilla.agent.trust.targets",
                        "agent.conf:8: flotilla.agent.zone: 'not a zone' is no zone");
    }
}
