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

class NodeConfigCommandTest {
    private static final String FIREWALL = "firewall { operations = [ \"192.0.2.0/28\" ] }";

    @TempDir
    private Path folder;

    private final StringWriter said = new StringWriter();

    private int run(String fleet, String... words) throws IOException {
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme
                  bucket { name = acme-mirrors }
                  %s
                  regions { east { nodes { east-1 { address = 192.0.2.1 }, here { address = 127.0.1.1, fabric = local } } } }
                }
                """.formatted(fleet));
        said.getBuffer().setLength(0);
        CommandLine line = FlotillaCommand.with(List.of(new NodeConfigCommand()));
        line.setOut(new PrintWriter(said, true));
        line.setErr(new PrintWriter(said, true));
        var all = new ArrayList<>(List.of("node-config", "-C", file.toString()));
        all.addAll(List.of(words));
        return line.execute(all.toArray(String[]::new));
    }

    @Test
    void whatANodeNeedsIsPrinted() throws IOException {
        assertThat(run(FIREWALL, "east/east-1", "firewall.nft"))
                .as(said.toString())
                .isZero();
        assertThat(said.toString())
                .startsWith("#!/usr/sbin/nft -f\n# Node east/east-1 of the fleet acme, by flotilla node-config: ");
        assertThat(run("", "east/east-1")).as(said.toString()).isZero();
        assertThat(said.toString()).startsWith("flotilla {").contains("name=acme-mirrors", "node=east-1");
    }

    @Test
    void whatCanNotBeIsRefusedWithWhatToDo() throws IOException {
        assertThat(run("", "east/east-1", "firewall.nft")).isEqualTo(1);
        assertThat(said.toString()).contains("fleet.conf has no firewall { … }: write at least");
        assertThat(run("", "east/east-1", "mirror.conf")).isEqualTo(1);
        assertThat(said.toString()).contains("name one of agent.conf, firewall.nft");
        assertThat(run(FIREWALL, "east", "firewall.nft")).isEqualTo(1);
        assertThat(said.toString()).contains("name one, such as east/east-1");
        assertThat(run(FIREWALL, "east/here", "firewall.nft")).isEqualTo(1);
        assertThat(said.toString()).contains("is a folder of this computer");
        assertThat(run(FIREWALL + ", mirror { upstreams = [ { name = x } ] }", "east/east-1", "firewall.nft"))
                .isEqualTo(1);
        assertThat(said.toString()).contains("mirror.upstreams of east/east-1 can't be read");
    }
}
