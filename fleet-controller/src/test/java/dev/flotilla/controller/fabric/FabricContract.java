package dev.flotilla.controller.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.fabric.Readiness.Stage;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.machine.FileTransfer;
import dev.flotilla.controller.machine.FileTransfer.Cargo;
import dev.flotilla.controller.machine.FileTransfer.Placed;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every fabric keeps. Its machines are real: commands run, files arrive. */
abstract class FabricContract {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private FleetConfiguration fleet;
    private Fabrics fabrics;
    private Node node;
    private Fabric fabric;

    /** A fleet with the nodes {@code east/east-1}, whose machine can be had, and {@code east/east-2}, whose machine nobody finds. */
    abstract String fleet() throws IOException;

    /** Where the machine has the folder below which a node is, seen from here. */
    abstract Path root();

    @BeforeEach
    void open() throws Exception {
        Files.writeString(folder.resolve("fleet.conf"), fleet());
        reopen();
        fabric.provide(node);
    }

    /** With what stands in the file now. */
    final void reopen() throws IOException {
        fleet = switch (FleetConfiguration.load(folder.resolve("fleet.conf"))) {
            case Loading.Loaded<FleetConfiguration> loaded -> loaded.value();
            case Loading.Refused<FleetConfiguration> refused -> throw new AssertionError(refused.text());
        };
        fabrics = Fabrics.open(fleet, System.getenv());
        node = fleet.nodes().getFirst();
        fabric = fabrics.of(node);
    }

    @AfterEach
    void close() {
        fabrics.close();
    }

    private Node nobody() {
        return fleet.nodes().getLast();
    }

    private Outcome.Ended ran(String script, String... words) throws InterruptedException {
        var line = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
        line.addAll(List.of(words));
        Outcome outcome = fabric.site(node).asRoot().run(new MachineCommand(line), LIMIT);
        assertThat(outcome).isInstanceOf(Outcome.Ended.class);
        return (Outcome.Ended) outcome;
    }

    private Readiness look() throws Exception {
        return new MachineWatch(fabric, LIMIT).look(node);
    }

    @Test
    void aMachineThatWasProvidedRunsAndIsProvidedAgainWithoutHarm() throws Exception {
        assertThat(fabric.presence(node)).isEqualTo(new Presence.Running());
        Files.writeString(root().resolve("kept"), "kept");
        fabric.provide(node);
        assertThat(fabric.presence(node)).isEqualTo(new Presence.Running());
        assertThat(root().resolve("kept")).hasContent("kept");
    }

    @Test
    void aMachineIsReadyOnceItsFirstBootIsDone() throws Exception {
        assertThat(look()).isEqualTo(new Readiness.Ready());
        Path cloud = Files.createDirectories(root().resolve("run/cloud-init"));
        Files.writeString(cloud.resolve("enabled"), "");
        assertThat(look()).isInstanceOfSatisfying(Readiness.NotYet.class, not -> {
            assertThat(not.stage()).isEqualTo(Stage.FIRST_BOOT);
            assertThat(not.reason()).contains("cloud-init");
        });
        Files.writeString(cloud.resolve("result.json"), "{}");
        assertThat(look()).isEqualTo(new Readiness.Ready());
    }

    @Test
    void aMachineThatNobodyFindsRunsNothingAndIsNotReady() throws Exception {
        Fabric its = fabrics.of(nobody());
        assertThat(its.site(nobody()).asRoot().run(MachineCommand.of("true"), LIMIT))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).isEqualTo(Outcome.Reason.UNREACHABLE));
        assertThat(new MachineWatch(its, LIMIT).look(nobody())).isInstanceOf(Readiness.NotYet.class);
    }

    @Test
    void wordsArriveAsTheyAreAndBothOutputsAndTheExitCodeComeBackApart() throws Exception {
        var ended = ran("echo \"$1\"; echo \"$2\" >&2; exit 7", "two  words", "$HOME; 'x'");
        assertThat(ended.outText()).isEqualTo("two  words\n");
        assertThat(ended.errorText()).isEqualTo("$HOME; 'x'\n");
        assertThat(ended.exitCode()).isEqualTo(7);
        assertThat(ended.whole()).isTrue();
        assertThat(fabric.site(node).login().run(MachineCommand.of("no-such-program-here"), LIMIT))
                .isInstanceOfSatisfying(
                        Outcome.Ended.class,
                        missing -> assertThat(missing.exitCode()).isEqualTo(127));
    }

    @Test
    void inputIsReadToItsEndAndLinesAreHeardAsTheyCome() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        byte[] input = "one\ntwo\nno end".getBytes(StandardCharsets.UTF_8);
        assertThat(fabric.site(node)
                        .asRoot()
                        .run(MachineCommand.of("cat"), () -> new ByteArrayInputStream(input), heard::add, LIMIT))
                .isInstanceOfSatisfying(
                        Outcome.Ended.class,
                        ended -> assertThat(ended.outText()).isEqualTo("one\ntwo\nno end"));
        assertThat(heard).containsExactly("one", "two", "no end");
    }

    @Test
    void ofMuchOutputTheBeginningIsKept() throws Exception {
        var ended = ran("head -c 3000000 /dev/zero | tr '\\0' x; echo end >&2");
        assertThat(ended.out()).hasSize(1 << 20);
        assertThat(ended.whole()).isFalse();
        assertThat(ended.errorText()).isEqualTo("end\n");
        assertThat(ended.exitCode()).isZero();
    }

    @Test
    void aCommandSeesNothingOfOurEnvironment() throws Exception {
        assertThat(ran("env").outText()).doesNotContain("MAVEN", "JAVA_HOME", "AWS_");
    }

    @Test
    void whatTakesTooLongIsGivenUp() throws Exception {
        Outcome outcome = fabric.site(node)
                .asRoot()
                .run(MachineCommand.of("sh", "-c", "sleep 600 & sleep 600"), Duration.ofMillis(500));
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).isEqualTo(Outcome.Reason.TIMED_OUT));
        await().untilAsserted(() -> assertThat(ran("true").exitCode()).isZero());
    }

    @Test
    void aFileArrivesWithItsModeAndIsNotSentTwice() throws Exception {
        byte[] content = new byte[3 << 20];
        new Random(5).nextBytes(content);
        Path target = root().resolve("opt/archive");
        var cargo = new Cargo(FileTransfer.Content.of(content), Sha256.of(content), target.toString(), "640");
        var transfer = new FileTransfer(fabric.site(node).asRoot(), LIMIT);
        assertThat(transfer.place(cargo)).isEqualTo(new Placed.Sent(content.length));
        assertThat(target).hasBinaryContent(content);
        assertThat(Files.getPosixFilePermissions(target)).hasSize(3);
        assertThat(transfer.place(cargo)).isEqualTo(new Placed.Already());
    }

    final Fabrics fabrics() {
        return fabrics;
    }

    final Node node() {
        return node;
    }
}
