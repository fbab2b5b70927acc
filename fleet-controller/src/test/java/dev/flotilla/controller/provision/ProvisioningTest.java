package dev.flotilla.controller.provision;

import static dev.flotilla.controller.provision.NodeFacts.Service.FAILING;
import static dev.flotilla.controller.provision.NodeFacts.Service.RUNNING;
import static dev.flotilla.controller.provision.NodeFacts.Service.STOPPED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.controller.machine.ThisMachine;
import dev.flotilla.controller.provision.NodeFacts.Service;
import dev.flotilla.controller.provision.Provisioning.Look;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is different between a machine and what it should be; and looking at a machine with a real shell. */
class ProvisioningTest {
    private static final NodeArchive ARCHIVE = new NodeArchive(
            Path.of("flotilla-node.tar.gz"),
            Sha256.of(new byte[] {1}),
            ByteSize.ofMiB(60),
            "0123456789abcdef",
            "1.0",
            "x86_64");
    private static final WantedNode WANTED = new WantedNode(
            ARCHIVE, "", "flotilla", "configuration", "root", Optional.of("KEY=secret"), Optional.empty());
    private static final NodeFacts RIGHT = new NodeFacts(
            "x86_64",
            true,
            "root",
            List.of(),
            Optional.of(ARCHIVE.id()),
            List.of(),
            Map.of(
                    "agent.conf",
                    digest("configuration"),
                    "root.json",
                    digest("root"),
                    "agent.env",
                    digest("KEY=secret")),
            Optional.of(ARCHIVE.digest()),
            RUNNING,
            false,
            false);

    /** This machine, without SSH. */
    private static final Machine HERE = new ThisMachine();

    private static Sha256 digest(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> lines(NodeFacts facts) {
        var differences = Provisioning.differences(facts, WANTED);
        assertThat(differences.obstacle()).isEmpty();
        return differences.steps().stream()
                .map(step -> step.sign() + " " + step.text())
                .toList();
    }

    @Test
    void aMachineThatIsAsItShouldBeNeedsNothing() {
        assertThat(lines(RIGHT)).isEmpty();
    }

    @Test
    void aBareMachineNeedsEverythingInOrder() {
        assertThat(lines(NodeFacts.bare("x86_64")))
                .containsExactly(
                        "+ bring the archive 0123456789abcdef (60 MiB)",
                        "+ install Flotilla 1.0 (0123456789abcdef)",
                        "+ write agent.conf",
                        "+ write root.json",
                        "+ write agent.env",
                        "~ start the agent: it doesn't run");
    }

    @Test
    void whatChangesInsideTheFilesIsShownAndNoValueOfAVariable(@TempDir Path root) throws Exception {
        Path there = Files.createDirectories(root.resolve("etc/flotilla"));
        Files.writeString(there.resolve("agent.conf"), "flotilla {\n  poll-interval = 10s\n}\n");
        Files.writeString(there.resolve("agent.env"), "KEY=old\nOTHER=same\n");
        var wanted = new WantedNode(
                ARCHIVE,
                root.toString(),
                "flotilla",
                "flotilla {\n  poll-interval = 5s\n}\n",
                "root",
                Optional.of("KEY=secret\nOTHER=same\n"),
                Optional.of("a certificate and its key"));
        Files.writeString(there.resolve("tls.pem"), "another certificate and its key");
        var inside = new Provisioning(Duration.ofSeconds(30), Duration.ofSeconds(30))
                .inside(
                        HERE,
                        wanted,
                        List.of(
                                new Step.Start(Step.Start.Reason.CHANGED),
                                new Step.Write("agent.conf", false),
                                new Step.Write("root.json", true),
                                new Step.Write("agent.env", false),
                                new Step.Write("tls.pem", false)));
        String certificate = "change tls.pem, the certificate of the mirror's names";
        assertThat(inside)
                .containsOnlyKeys("change agent.conf", "write root.json", "change agent.env", certificate)
                .containsEntry(certificate, List.of("(its key is in it)"))
                .containsEntry(
                        "change agent.conf",
                        List.of(
                                "@@ -1,3 +1,3 @@",
                                " flotilla {",
                                "-  poll-interval = 10s",
                                "+  poll-interval = 5s",
                                " }"))
                .containsEntry("write root.json", List.of("@@ -0,0 +1,1 @@", "+root"))
                .containsEntry(
                        "change agent.env",
                        List.of("@@ -1,2 +1,2 @@", "-KEY=(hidden)", "+KEY=(hidden), another one", " OTHER=(hidden)"));
    }

    @Test
    void aCertificateIsBroughtAndNothingIsStartedAnewForIt() {
        var wanted = new WantedNode(
                ARCHIVE,
                "",
                "flotilla",
                "configuration",
                "root",
                Optional.of("KEY=secret"),
                Optional.of("a certificate and its key"));
        assertThat(Provisioning.differences(RIGHT, wanted).steps()).containsExactly(new Step.Write("tls.pem", true));
        // Who has none to give leaves what is there.
        assertThat(Provisioning.differences(RIGHT, WANTED).steps()).isEmpty();
    }

    @Test
    void whateverIsDifferentIsOneStepAndTheAgentIsStartedAnewWithIt() {
        assertThat(lines(with(RIGHT, Optional.of("other"), List.of(), RIGHT.files(), RUNNING, false)))
                .containsExactly(
                        "~ replace other by Flotilla 1.0 (0123456789abcdef); the mirror goes on serving",
                        "~ start the agent anew");
        assertThat(lines(with(RIGHT, RIGHT.installed(), List.of("a", "b"), RIGHT.files(), RUNNING, false)))
                .containsExactly("~ mend what is missing or has other bytes: a, b", "~ start the agent anew");
        assertThat(lines(with(
                        RIGHT,
                        RIGHT.installed(),
                        List.of(),
                        Map.of("agent.conf", digest("x"), "root.json", digest("root")),
                        RUNNING,
                        false)))
                .containsExactly("~ change agent.conf", "+ write agent.env", "~ start the agent anew");
        assertThat(lines(with(RIGHT, RIGHT.installed(), List.of(), RIGHT.files(), STOPPED, false)))
                .containsExactly("~ start the agent: it doesn't run");
        assertThat(lines(with(RIGHT, RIGHT.installed(), List.of(), RIGHT.files(), FAILING, false)))
                .containsExactly("~ start the agent anew: it ends again and again, and flotilla logs tells why");
        assertThat(lines(with(RIGHT, RIGHT.installed(), List.of(), RIGHT.files(), RUNNING, true)))
                .as("a run that was killed before its last step")
                .containsExactly("~ start the agent anew");
    }

    @Test
    void whatAStepThatWasBrokenOffHasLeftIsTidiedUpForItMayHoldKeys(@TempDir Path root) throws Exception {
        Files.createDirectories(root.resolve("opt/flotilla/incoming"));
        var provisioning = new Provisioning(Duration.ofSeconds(30), Duration.ofSeconds(30));
        var seen = ((Look.Seen) provisioning.facts(HERE, root.toString())).facts();
        assertThat(seen.leftover()).isTrue();
        var left = new NodeFacts(
                RIGHT.machine(),
                true,
                "root",
                List.of(),
                RIGHT.installed(),
                List.of(),
                RIGHT.files(),
                RIGHT.archive(),
                RUNNING,
                true,
                false);
        assertThat(lines(left)).containsExactly("- remove what was brought for a step that was broken off");
    }

    private static NodeFacts with(
            NodeFacts facts,
            Optional<String> installed,
            List<String> damaged,
            Map<String, Sha256> files,
            Service service,
            boolean pending) {
        return new NodeFacts(
                facts.machine(),
                true,
                "root",
                List.of(),
                installed,
                damaged,
                files,
                facts.archive(),
                service,
                false,
                pending);
    }

    @Test
    void whereNothingCanBeDoneItIsSaidWhy() {
        assertThat(Provisioning.differences(NodeFacts.bare("aarch64"), WANTED)
                        .obstacle()
                        .orElseThrow())
                .contains("aarch64", "x86_64");
        assertThat(Provisioning.differences(bare(List.of("tar"), true, "root"), WANTED)
                        .obstacle()
                        .orElseThrow())
                .contains("lacks tar");
        assertThat(Provisioning.differences(bare(List.of(), false, "flotilla"), WANTED)
                        .obstacle()
                        .orElseThrow())
                .as("the whole system is root's, whoever it is installed for")
                .contains("ssh.sudo = true");
    }

    @Test
    void belowAFolderWhoeverIsNotRootInstallsForHimselfAndForNobodyElse() {
        var below =
                new WantedNode(ARCHIVE, "/srv/a", "anna", "configuration", "root", Optional.empty(), Optional.empty());
        assertThat(Provisioning.differences(bare(List.of(), false, "anna"), below)
                        .obstacle())
                .isEmpty();
        assertThat(Provisioning.differences(bare(List.of(), false, "bert"), below)
                        .obstacle()
                        .orElseThrow())
                .contains("isn't root");
    }

    private static NodeFacts bare(List<String> lacking, boolean isRoot, String user) {
        return new NodeFacts(
                "x86_64",
                isRoot,
                user,
                lacking,
                Optional.empty(),
                List.of(),
                Map.of(),
                Optional.empty(),
                STOPPED,
                false,
                false);
    }

    @Test
    void noStepAndNoTextShowsWhatIsInTheFiles() {
        assertThat(lines(NodeFacts.bare("x86_64")) + WANTED.toString()).doesNotContain("secret");
    }

    @Test
    void aMachineIsLookedAtByItsShell(@TempDir Path root) throws Exception {
        var provisioning = new Provisioning(Duration.ofSeconds(30), Duration.ofSeconds(30));
        assertThat(((Look.Seen) provisioning.facts(HERE, root.toString())).facts())
                .satisfies(facts -> {
                    assertThat(facts.installed()).isEmpty();
                    assertThat(facts.lacking()).isEmpty();
                    assertThat(facts.service()).isEqualTo(STOPPED);
                });

        Path tree = root.resolve("opt/flotilla/nodes/0000000000000000");
        Files.createDirectories(tree.resolve("a folder"));
        Files.writeString(tree.resolve("a folder/right"), "right");
        Files.writeString(tree.resolve("wrong"), "other");
        Files.writeString(
                tree.resolve("SHA256SUMS"),
                digest("right").hex() + "  a folder/right\n" + digest("wrong").hex() + "  wrong\n"
                        + digest("x").hex() + "  missing\n");
        Files.createSymbolicLink(root.resolve("opt/flotilla/current"), Path.of("nodes/0000000000000000"));
        Files.createDirectories(root.resolve("etc/flotilla"));
        Files.writeString(root.resolve("etc/flotilla/agent.conf"), "configuration");
        Files.writeString(root.resolve("opt/flotilla/restart-pending"), "");
        assertThat(((Look.Seen) provisioning.facts(HERE, root.toString())).facts())
                .satisfies(facts -> {
                    assertThat(facts.installed()).contains("0000000000000000");
                    assertThat(facts.damaged()).containsExactly("SHA256SUMS", "missing", "wrong");
                    assertThat(facts.files()).isEqualTo(Map.of("agent.conf", digest("configuration")));
                    assertThat(facts.pending()).isTrue();
                });
        Path service =
                Files.writeString(tree.resolve("node-service"), "#!/bin/sh\necho 'failing (status 1)'\nexit 3\n");
        assertThat(service.toFile().setExecutable(true)).isTrue();
        assertThat(((Look.Seen) provisioning.facts(HERE, root.toString()))
                        .facts()
                        .service())
                .isEqualTo(FAILING);
        Files.writeString(service, "#!/bin/sh\necho 'active (process 7)'\n");
        assertThat(((Look.Seen) provisioning.facts(HERE, root.toString()))
                        .facts()
                        .service())
                .isEqualTo(RUNNING);
    }

    @Test
    void anAnswerThatEndsInTheMiddleIsNoAnswer() throws InterruptedException {
        Machine half = (command, input, heard, limit) -> new Outcome.Ended(
                0, "machine x86_64\nuid 0\n".getBytes(StandardCharsets.UTF_8), new byte[0], true, Duration.ZERO);
        assertThat(new Provisioning(Duration.ofSeconds(1), Duration.ofSeconds(1)).facts(half, ""))
                .isInstanceOfSatisfying(
                        Look.Hidden.class, hidden -> assertThat(hidden.reason()).contains("can't be read"));
    }
}
