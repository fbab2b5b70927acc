package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.testing.FreePort;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that purges, against a running mirror. */
class PurgeCommandTest {
    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;
    private OperatorsToken token;

    private record Outcome(int code, String out, String err) {}

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json().offer("sample-one", "sample_one-1.0.tar.gz", new byte[] {1});
        token = OperatorsToken.in(folder);
        mirror = RunningMirror.start(upstream, folder.resolve("store"), clock, token.setting());
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    private Path configuration(int port, String more) throws IOException {
        return Files.writeString(folder.resolve("mirror.conf"), """
                flotilla.mirror {
                  region = east, node = east-1
                  operations { host = 0.0.0.0, port = %d }
                  store { path = "%s" }
                  %s
                }
                """.formatted(port, folder.resolve("unused"), more));
    }

    private Outcome purge(Path configuration, String... more) {
        var out = new StringWriter();
        var err = new StringWriter();
        var arguments = new ArrayList<>(List.of("purge", "--config", configuration.toString()));
        arguments.addAll(List.of(more));
        int code = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    private Path running() throws IOException {
        return configuration(mirror.operations("/").getPort(), token.setting());
    }

    private String outcome() {
        return field(mirror.get("/simple/sample-one/"), "X-Cache");
    }

    @Test
    void itHasPagesPurgedAndSaysWhatWasDone() throws IOException {
        outcome();
        var project = purge(running(), "--project", "Sample_One");
        assertThat(project.code()).as(project.err()).isZero();
        assertThat(project.out().lines())
                .singleElement()
                .asString()
                .contains("purged project sample-one: 1 pages in memory, 1 on disk", "the one that is kept is served");
        assertThat(outcome()).isEqualTo("miss");
        var prefix = purge(running(), "--prefix", "sample", "--hard", "--json");
        assertThat(prefix.code()).isZero();
        var account = new JsonObject(prefix.out());
        assertThat(account.getString("purged")).isEqualTo("prefix sample");
        assertThat(account.getBoolean("hard")).isTrue();
        assertThat(outcome()).isEqualTo("miss");
        assertThat(purge(running(), "--all").code()).isZero();
        assertThat(outcome()).isEqualTo("miss");
        assertThat(outcome()).isEqualTo("hit");
    }

    @Test
    void whatCanNotBeDoneIsSaidInOneLine() throws IOException {
        int free = FreePort.choose();
        assertCannot(configuration(free, token.setting()), "is it running?");
        assertCannot(configuration(mirror.operations("/").getPort(), ""), "operations.purge-token-file");
        assertCannot(configuration(0, token.setting()), "operations.port is 0");
        var others = OperatorsToken.in(Files.createDirectory(folder.resolve("others")));
        others.change("the-token-of-another-mirror");
        assertCannot(configuration(mirror.operations("/").getPort(), others.setting()), "the mirror refused (401)");
        token.permit("rw-r--r--");
        assertCannot(running(), "chmod o=");
    }

    private void assertCannot(Path configuration, String reason) {
        var outcome = purge(configuration, "--all");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).contains(reason).doesNotContain("a-token-of-operators", "the-token-of-another");
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void wrongUseIsExplained() throws IOException {
        assertThat(purge(running()).code()).isEqualTo(2);
        assertThat(purge(running(), "--all", "--project", "a").code()).isEqualTo(2);
        assertThat(purge(running(), "--project", "-a").code()).isEqualTo(2);
        assertThat(purge(running(), "--prefix", "Acme*").err()).contains("no beginning of a project's name");
        assertThat(purge(running(), "--help").out()).contains("--hard", "Exit codes");
    }
}
