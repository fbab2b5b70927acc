package dev.flotilla.controller.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ClientConfigCommandTest {
    private static final String NAMES = "dns { zone = example.org, name = mirror.example.org }";

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String fleet, String mirror, String... arguments) throws IOException {
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme
                  bucket { name = acme-mirrors }
                  trust { folder = trust }
                  %s
                  regions {
                    east {
                      nodes { east-1 { address = 192.0.2.1 }, east-2 { address = 192.0.2.2 %s } }
                    }
                  }
                }
                """.formatted(fleet, mirror));
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = FlotillaCommand.with(List.of(new ClientConfigCommand()));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        var words = new ArrayList<>(List.of("client-config", "-C", file.toString()));
        words.addAll(List.of(arguments));
        return line.execute(words.toArray(String[]::new));
    }

    @Test
    void aRegionsFilesLeadToItsName() throws Exception {
        assertThat(run(NAMES, "", "east")).as(err.toString()).isZero();
        assertThat(out).hasToString("""
                [global]
                index-url = http://east.mirror.example.org:8080/simple/
                trusted-host = east.mirror.example.org
                """);
        assertThat(run(NAMES, "", "east", "uv.toml", "--global", "--cooldown", "7"))
                .isZero();
        assertThat(out.toString()).contains("\"http://mirror.example.org:8080/cooldown/7d/simple/\"");
        assertThat(run(NAMES, "", "east", "mirror_info.json")).isZero();
        assertThat(out.toString()).contains("\"scope\": \"global\", \"http\": \"http://mirror.example.org:8080\"");
    }

    @Test
    void whatCanNotBeIsRefusedWithWhatToDo() throws Exception {
        assertThat(run("", "", "east")).isEqualTo(1);
        assertThat(err.toString()).contains("has no dns { … }");
        assertThat(run(NAMES, "", "east", "--https")).isEqualTo(1);
        assertThat(err.toString()).contains("have no tls { … }");
        assertThat(run(NAMES, "", "east", "--platform", "debian-12-x86_64")).isEqualTo(1);
        assertThat(err.toString()).contains("builds no wheels for debian-12-x86_64");
        assertThat(run(NAMES, "", "west")).isEqualTo(1);
        assertThat(err.toString()).contains("there are east");
        assertThat(run(NAMES, "", "east", "pip.ini")).isEqualTo(1);
        assertThat(err.toString()).contains("name one of pip.conf, uv.toml");
        assertThat(run(NAMES, ", mirror { listen { port = 8000 } }", "east")).isEqualTo(1);
        assertThat(err.toString()).contains("differ in listen.port");
    }
}
