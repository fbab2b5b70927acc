package dev.flotilla.controller.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.controller.ssh.OpenSshServer;
import dev.flotilla.controller.ssh.PublicHostKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Listed machines, by a real OpenSSH server whose host key fleet.conf tells. */
@Tag("real")
class StaticFabricTest extends FabricContract {
    private @Nullable OpenSshServer started;

    @Override
    String fleet() throws IOException {
        Path key = OpenSshServer.key(folder.resolve("id"));
        started = OpenSshServer.start(folder.resolve("server"), key);
        Files.createDirectories(root());
        return """
                flotilla.fleet {
                  name = acme, bucket { name = acme }
                  ssh { user = "%s", identities = [ id ], port = %d }
                  regions { east { nodes {
                    east-1 { address = 127.0.0.1, ssh { root = "%s", host-key = "ssh-ed25519 %s" } }
                    east-2 { address = 127.0.0.2, ssh { port = 1, host-key = "ssh-ed25519 %s" } }
                  } } }
                }
                """.formatted(
                        OpenSshServer.USER,
                        server().port(),
                        root(),
                        server().hostKey().base64(),
                        server().hostKey().base64());
    }

    private OpenSshServer server() {
        return Objects.requireNonNull(started);
    }

    @Override
    Path root() {
        return folder.resolve("machine");
    }

    @AfterEach
    void stop() {
        server().close();
    }

    @Test
    void nobodyHasToPinAHostKeyThatFleetConfTellsAndNobodyPinsAnother() throws Exception {
        assertThat(folder.resolve("host-keys")).as("nothing was pinned").doesNotExist();
        Path other = OpenSshServer.key(folder.resolve("other"));
        StaticFabric fabric = fabrics().listed().orElseThrow();
        assertThatThrownBy(() -> fabric.book()
                        .pin("east/east-1", PublicHostKey.parse(Files.readString(other.resolveSibling("other.pub")))))
                .hasMessageContaining("fleet.conf says that east/east-1 has the host key "
                        + server().hostKey().fingerprint());
    }

    @Test
    void aServerWithAnotherKeyThanFleetConfTellsIsRefused() throws Exception {
        Path other = OpenSshServer.key(folder.resolve("other"));
        String line = Files.readString(other.resolveSibling("other.pub")).strip();
        Path file = folder.resolve("fleet.conf");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("ssh-ed25519 " + server().hostKey().base64(), line));
        close();
        reopen();
        assertThat(fabrics().site(node()).login().run(MachineCommand.of("true"), Duration.ofSeconds(30)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).isEqualTo(Outcome.Reason.CHANGED_HOST_KEY));
    }

    @Test
    void listedMachinesAreNeverTakenAway() throws Exception {
        Fabric fabric = fabrics().of(node());
        assertThat(fabric.releasable(node(), true)).isEmpty();
        fabric.release(node(), true);
        assertThat(root()).isDirectory();
    }
}
