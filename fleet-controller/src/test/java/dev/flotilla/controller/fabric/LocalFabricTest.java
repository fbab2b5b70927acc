package dev.flotilla.controller.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Machines that are folders of this computer, with its processes. */
class LocalFabricTest extends FabricContract {
    @Override
    String fleet() {
        return """
                flotilla.fleet {
                  name = acme, bucket { name = acme }
                  fabric = local
                  regions { east { nodes { east-1 { address = 127.77.0.1 }, east-2 { address = 127.77.0.2 } } } }
                }
                """;
    }

    @Override
    Path root() {
        return folder.resolve("machines/east-1");
    }

    private Fabric fabric() {
        return fabrics().of(node());
    }

    @Test
    void whatTakesTooLongIsKilledWithAllThatItHasStarted() throws Exception {
        Path said = root().resolve("said");
        Outcome outcome = fabric().site(node())
                .asRoot()
                .run(
                        MachineCommand.of(
                                "sh",
                                "-c",
                                "sleep 600 & echo $! >child; setsid sleep 600 & echo $! >session; mv child said; wait"),
                        Duration.ofSeconds(2));
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        for (Path file : new Path[] {said, root().resolve("session")}) {
            long pid = Long.parseLong(Files.readString(file).strip());
            await(file.toString())
                    .until(() ->
                            ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        }
    }

    @Test
    void whatACommandLeavesRunningOutlivesItAndIsNotWaitedFor() throws Exception {
        var ended = (Outcome.Ended) fabric().site(node())
                .asRoot()
                .run(MachineCommand.of("sh", "-c", "setsid sleep 600 & echo $!"), Duration.ofSeconds(60));
        ProcessHandle left =
                ProcessHandle.of(Long.parseLong(ended.outText().strip())).orElseThrow();
        assertThat(left.isAlive()).isTrue();
        left.destroyForcibly();
    }

    @Test
    void aFolderOfSomebodyElseIsLeftAlone() throws Exception {
        Files.writeString(root().resolve("flotilla-machine"), "fleet globex, node east/east-1\n");
        assertThat(fabric().presence(node()))
                .isInstanceOfSatisfying(
                        Presence.Unusable.class,
                        unusable -> assertThat(unusable.reason()).contains("fleet globex"));
        assertThatThrownBy(() -> fabric().provide(node())).hasMessageContaining("fleet globex");
        Files.delete(root().resolve("flotilla-machine"));
        Files.writeString(root().resolve("thesis.tex"), "42");
        assertThat(fabric().presence(node())).isInstanceOf(Presence.Unusable.class);
        assertThat(fabric().releasable(node(), true)).isEmpty();
        fabric().release(node(), true);
        assertThat(root().resolve("thesis.tex")).hasContent("42");
    }

    @Test
    void aMachineThatIsTakenAwayLeavesItsStoreUnlessThatIsNamedToo() throws Exception {
        Path store = Files.createDirectories(root().resolve("var/lib/flotilla/mirror/blobs"));
        Files.writeString(store.resolve("blob"), "bytes");
        Files.createDirectories(root().resolve("var/lib/flotilla/agent"));
        Files.writeString(root().resolve("var/lib/flotilla/agent/mirror.log"), "said");
        assertThat(fabric().releasable(node(), false)).hasSize(1);
        fabric().release(node(), false);
        assertThat(store.resolve("blob")).hasContent("bytes");
        assertThat(root().resolve("var/lib/flotilla/agent")).doesNotExist();
        assertThat(fabric().releasable(node(), false)).isEmpty();
        assertThat(fabric().presence(node())).as("it can be made a node again").isEqualTo(new Presence.Running());

        fabric().release(node(), true);
        assertThat(folder.resolve("machines")).doesNotExist();
        assertThat(fabric().presence(node())).isInstanceOf(Presence.Missing.class);
        fabric().release(node(), true);
    }

    @Test
    void nothingOfItsFolderIsSshs() {
        assertThat(fabrics().listed()).isEqualTo(Optional.empty());
        assertThat(fabric().site(node()).root()).isEqualTo(root().toString());
        assertThat(fabric().site(node()).user()).isEqualTo(System.getProperty("user.name"));
    }
}
