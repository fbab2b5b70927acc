package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class LocalCommandTest {
    private final StringWriter out = new StringWriter();
    private final CommandLine command = new CommandLine(new LocalCommand(Clock.systemUTC()))
            .setErr(new PrintWriter(out))
            .setOut(new PrintWriter(out));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--port 65536|--port: 65536 is no port",
                "--port -1|--port: -1 is no port",
                "--dns-port 70000|--dns-port: 70000 is no port",
                "--port http|--port",
                "--sample --upstream http://127.0.0.1/simple/|exclude each other",
                "--upstream ftp://127.0.0.1/simple/|write scheme, host and path",
                "--upstream pypi|write scheme, host and path",
                "--upstream http://ada:secret@127.0.0.1/simple/|write scheme, host and path",
                "--ready-file /no/such/folder/ready.json|its folder has to be there",
                "--start-within 0|at least 1 second",
            })
    void wrongUseIsToldBeforeAnythingIsStarted(String options, String message, @TempDir Path folder) {
        Path state = folder.resolve("state");
        assertThat(command.execute((options + " --state " + state).split(" ", -1)))
                .isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(out.toString()).contains(message);
        assertThat(state).doesNotExist();
    }

    @Test
    void theHelpTeachesWithCommandsThatWork() {
        assertThat(command.execute("--help")).isZero();
        assertThat(out.toString())
                .contains("flotilla-sample-app")
                .contains("dig @127.0.0.1 -p 8053 +short mirror.flotilla.test")
                .contains("--fresh")
                .contains("$XDG_STATE_HOME");
    }
}
