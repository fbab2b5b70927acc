package dev.flotilla.controller.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.testing.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What all verbs have in common. */
class CommandsTest extends TypedVerbs {
    @Test
    void statusWithoutAnyFleetNamesBothWaysToOne() {
        assertThat(run("status")).isEqualTo(1);
        assertThat(err.toString())
                .contains("there is no fleet.conf here")
                .contains("flotilla init")
                .contains("nothing runs in " + path("usual"));
    }

    @Test
    void aFleetConfThatIsMissingIsNamed() {
        assertThat(run("publish", "-C", path("missing.conf"))).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("flotilla: there is no " + path("missing.conf"))
                .contains("flotilla init");
    }

    @Test
    void wrongUsageIsTwoLinesAndExitCodeTwo() {
        assertThat(run("publsh")).isEqualTo(2);
        assertThat(err.toString()).contains("there is no verb 'publsh'").contains("flotilla publish");
        assertThat(run("status", "--bananas")).isEqualTo(2);
        assertThat(err.toString()).contains("--bananas").contains("Try 'flotilla status --help'.");
        assertThat(run("status", "--config", "a", "--state", "b")).isEqualTo(2);
        assertThat(run("status", "--config", "a", "--dns", "nowhere")).isEqualTo(2);
        assertThat(err.toString()).contains("'nowhere' is no HOST:PORT");
    }

    @Test
    void aLocalFleetThatDoesNotRunIsNamed() {
        assertThat(run("status", "--state", path("none"))).isEqualTo(1);
        assertThat(err.toString().strip()).isEqualTo("flotilla: nothing runs in " + path("none"));
    }

    @Test
    void everyVerbTeachesItself() {
        assertThat(run()).isZero();
        assertThat(out.toString()).contains("init", "publish", "status", "flotilla local");
        for (String verb : List.of(
                "init", "publish", "drain", "undrain", "purge", "lock", "audit", "iam", "keys", "sign", "status")) {
            assertThat(run(verb, "--help")).isZero();
            assertThat(out.toString()).contains("Examples:", "Exit codes:", "flotilla " + verb);
            assertThat(out.toString().lines())
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        }
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("flotilla ");
    }

    @Test
    void policiesArePrintedForEachWhoNeedsOne() throws IOException {
        run("init", path("acme"));
        String file = path("acme/fleet.conf");
        for (String option : List.of("--zone-id", "--challenge-zone-id")) {
            assertThat(run("iam", "-C", file, "controller", option, "no id")).isEqualTo(1);
        }
        assertThat(run("iam", "-C", file, "destroyer", "--zone-id", "Z01", "--challenge-zone-id", "Z02"))
                .isZero();
        assertThat(out.toString()).contains("hostedzone/Z01");
        assertThat(run("iam", "-C", file, "controller")).isZero();
        assertThat(out.toString()).contains("\"Version\": \"2012-10-17\"").contains("\"s3:PutObject\"");
        assertThat(run("iam", "-C", file, "read-only")).isZero();
        assertThat(out.toString()).doesNotContain("PutObject");
        assertThat(run("iam", "-C", file, "agent", "nowhere")).isEqualTo(1);
    }

    @Test
    void aBucketThatCannotBeReachedIsOneLine() throws IOException {
        run("init", path("acme"));
        Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
        int port = FreePort.choose();
        Path file = Files.writeString(folder.resolve("acme/fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme, endpoint = "http://127.0.0.1:%d", path-style = true }
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                }
                """.formatted(port));
        assertThat(run("publish", "-C", file.toString())).isEqualTo(1);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith(
                        "flotilla: nothing is changed: could not read lock/acme.json in bucket acme at http://127.0.0.1:")
                .endsWith("Connection refused");
    }
}
