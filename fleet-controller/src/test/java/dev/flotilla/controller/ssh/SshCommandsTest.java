package dev.flotilla.controller.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.command.DoctorCommand;
import dev.flotilla.controller.command.FlotillaCommand;
import dev.flotilla.controller.command.HostKeyCommand;
import dev.flotilla.controller.command.LogsCommand;
import dev.flotilla.controller.command.ProvisionCommand;
import dev.flotilla.controller.command.RunCommand;
import dev.flotilla.controller.command.Workplace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;

/** {@code flotilla run}, {@code flotilla hostkey} and {@code flotilla doctor} with two real OpenSSH servers, as people type them. */
@Tag("real")
class SshCommandsTest {
    @TempDir
    Path folder;

    private Path key;
    private OpenSshServer east;
    private OpenSshServer west;
    private final List<String> asked = new ArrayList<>();
    private final Deque<String> answers = new ArrayDeque<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void start() throws IOException {
        key = OpenSshServer.key(folder.resolve("id"));
        east = OpenSshServer.start(folder.resolve("east"), key);
        west = OpenSshServer.start(folder.resolve("west"), key);
        write("ssh { user = " + OpenSshServer.USER + ", identities = [ id ], connect-time-out = 20s }");
    }

    @AfterEach
    void stop() {
        east.close();
        west.close();
    }

    private void write(String ssh) throws IOException {
        Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme
                  bucket { name = acme-mirrors, endpoint = "http://127.0.0.1:9", path-style = true }
                  %s
                  regions {
                    east { nodes { east-1 { address = 127.0.0.1, ssh { port = %d, root = "%s" } } } }
                    west { nodes { west-1 { address = 192.0.2.1, ssh { host = localhost, port = %d } } } }
                  }
                }
                """.formatted(ssh, east.port(), folder, west.port()));
    }

    private int flotilla(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = FlotillaCommand.with(List.of(
                new RunCommand(Map.of()),
                new HostKeyCommand(Map.of()),
                new LogsCommand(Clock.systemUTC(), Map.of()),
                new ProvisionCommand(
                        new Workplace(
                                Clock.systemUTC(),
                                AnonymousCredentialsProvider::create,
                                folder,
                                "test@here",
                                Map.of(),
                                Optional.empty()),
                        question -> {
                            asked.add(question);
                            return Optional.ofNullable(answers.poll());
                        }),
                new DoctorCommand(Clock.systemUTC(), AnonymousCredentialsProvider::create, "test@here", Map.of())));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private int run(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "run";
        all[1] = "--config";
        all[2] = folder.resolve("fleet.conf").toString();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return flotilla(all);
    }

    private int hostKey(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "hostkey";
        all[1] = "--config";
        all[2] = folder.resolve("fleet.conf").toString();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return flotilla(all);
    }

    @Test
    void untilTheirKeysArePinnedNothingIsSentToMachinesAndThenTheyRunWhatTheyAreTold() throws IOException {
        assertThat(run("--", "touch", "here")).isEqualTo(1);
        assertThat(out.toString())
                .contains("east/east-1: FAILED, the host key of east/east-1 isn't known", "flotilla hostkey accept");
        assertThat(hostKey("show")).isEqualTo(1);
        assertThat(out.toString())
                .contains("east/east-1: none is pinned, it shows "
                        + east.hostKey().fingerprint());
        assertThat(hostKey("accept")).isZero();
        assertThat(out.toString())
                .contains("east/east-1: pinned " + east.hostKey().fingerprint())
                .contains("west/west-1: pinned " + west.hostKey().fingerprint());
        assertThat(hostKey("show")).isZero();
        assertThat(run("--", "sh", "-c", "echo \"$1\"; echo no >&2", "sh", "a  b"))
                .isZero();
        assertThat(out.toString()).contains("east/east-1 | a  b\neast/east-1 ! no\neast/east-1: exit code 0 after ");
        assertThat(out.toString()).contains("west/west-1 | a  b\n");
        assertThat(err.toString()).contains("2 of 2 ended with 0");
        assertThat(Files.exists(east.home().resolve("here"))).isFalse();
    }

    /** Ends in a failure, since there is no archive to make anything of machines; what it says of host keys comes before that. */
    private void provision(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "provision";
        all[1] = "--config";
        all[2] = folder.resolve("fleet.conf").toString();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        assertThat(flotilla(all)).isEqualTo(1);
    }

    @Test
    void aKeyThatWasGivenIsPinnedWhereAMachineShowsItAndNowhereElse() throws IOException {
        provision();
        assertThat(folder.resolve("host-keys")).as("nobody has said anything").doesNotExist();
        asked.clear();
        provision("--accept-host-key", east.hostKey().fingerprint());
        assertThat(out.toString())
                .contains("east/east-1: pinned the host key " + east.hostKey().fingerprint() + " (ssh-ed25519)")
                .doesNotContain("west/west-1: pinned");
        assertThat(asked).isEmpty();
        assertThat(hostKey("show")).isEqualTo(1);
        assertThat(out.toString()).contains("east/east-1: as pinned", "west/west-1: none is pinned");
        provision("--check", "--accept-host-key");
        assertThat(out.toString()).as("a check changes nothing").doesNotContain("pinned");
        provision("--accept-host-key");
        assertThat(out.toString()).contains("west/west-1: pinned").doesNotContain("east/east-1: pinned");
        assertThat(hostKey("show")).isZero();
    }

    @Test
    void aPlaceThatIsTakenForAFingerprintIsRefused() {
        provision("--accept-host-key", "east");
        assertThat(err.toString()).contains("'east' is no fingerprint");
        assertThat(folder.resolve("host-keys")).doesNotExist();
        provision("east", "--accept-host-key");
        assertThat(out.toString()).contains("east/east-1: pinned").doesNotContain("west");
    }

    @Test
    void onATerminalEachKeyIsShownAndAskedAbout() throws IOException {
        answers.add("yes");
        answers.add("y");
        provision();
        assertThat(asked).hasSize(2);
        assertThat(asked.getFirst())
                .contains("east/east-1 shows the host key " + east.hostKey().fingerprint())
                .contains("none is pinned");
        hostKey("show");
        assertThat(out.toString()).contains("east/east-1: as pinned", "west/west-1: none is pinned");
    }

    @Test
    void aKeyThatIsPinnedIsNotChangedByAcceptingNewOnes() throws IOException {
        HostKeyBook.open(folder.resolve("host-keys")).pin("east/east-1", west.hostKey());
        provision("--accept-host-key");
        provision("--accept-host-key", east.hostKey().fingerprint());
        assertThat(hostKey("show")).isEqualTo(1);
        assertThat(out.toString()).contains("east/east-1: CHANGED");
    }

    @Test
    void oneNodeThatFailsIsToldAndTheOthersFinish() throws IOException {
        hostKey("accept");
        west.close();
        assertThat(run("--", "echo", "served")).isEqualTo(1);
        assertThat(out.toString())
                .contains("east/east-1 | served")
                .contains("west/west-1: FAILED, " + OpenSshServer.USER + "@localhost:" + west.port()
                        + " can't be reached");
        assertThat(err.toString()).contains("1 of 2 ended with 0");
        assertThat(run("--on", "east", "--", "sh", "-c", "exit 4")).isEqualTo(1);
        assertThat(out.toString()).contains("east/east-1: exit code 4").doesNotContain("west");
    }

    @Test
    void forScriptsThereIsALineOfJsonForEachNode() {
        hostKey("accept", "east");
        assertThat(run("--json", "--", "printf", "\"1\\n")).isEqualTo(1);
        assertThat(out.toString().lines())
                .hasSize(2)
                .anySatisfy(line -> assertThat(line)
                        .startsWith(
                                "{\"node\": \"east/east-1\",\"exitCode\": 0,\"out\": \"\\\"1\\n\",\"error\": \"\","))
                .anySatisfy(
                        line -> assertThat(line)
                                .startsWith(
                                        "{\"node\": \"west/west-1\",\"exitCode\": null,\"reason\": \"unknown_host_key\",\"problem\": "));
    }

    @Test
    void aMachineMadeAnewIsTakenForItselfOnlyByWhoKnowsItsNewKey() throws IOException {
        hostKey("accept");
        String before = east.hostKey().fingerprint();
        east.close();
        east = OpenSshServer.start(folder.resolve("anew"), key, east.port());
        String after = east.hostKey().fingerprint();
        assertThat(run("--", "true")).isEqualTo(1);
        assertThat(out.toString()).contains("the host key of east/east-1 has CHANGED", after);
        assertThat(hostKey("accept"))
                .as("what is pinned isn't given up for 'accept'")
                .isEqualTo(1);
        assertThat(hostKey("rotate", "east/east-1", before)).isEqualTo(1);
        assertThat(err.toString()).contains("shows " + after + ", not " + before + ": nothing is changed");
        assertThat(hostKey("show")).isEqualTo(1);
        assertThat(out.toString()).contains("east/east-1: CHANGED, it shows " + after, "pinned is " + before);
        assertThat(hostKey("rotate", "east/east-1", after)).isZero();
        assertThat(run("--", "true")).isZero();
    }

    @Test
    void doctorTriesTheWayToEachMachineItsKeyRootAndItsClock() {
        assertThat(doctor()).isEqualTo(1);
        assertThat(out.toString())
                .contains("fail  east/east-1: the host key of east/east-1 isn't known", "flotilla hostkey accept east");
        hostKey("accept");
        west.close();
        assertThat(doctor()).isEqualTo(1);
        String root = OpenSshServer.USER.equals("root")
                ? "  ok    east/east-1: lets us in as root; its clock is right"
                : "warn  east/east-1: the user who logs in there isn't root";
        assertThat(out.toString())
                .contains(root, "its clock is right")
                .contains(
                        "fail  west/west-1: " + OpenSshServer.USER + "@localhost:" + west.port() + " can't be reached")
                .contains("nobody could do that from here on ", "west/west-1: see the checks of the nodes");
        assertThat(doctor("--limit", "east")).isEqualTo(1);
        assertThat(out.toString()).contains("its clock is right").doesNotContain("can't be reached");
    }

    /** There is no bucket: what machines are like is found out all the same. */
    private int doctor(String... arguments) {
        List<String> all = new ArrayList<>(
                List.of("doctor", "--config", folder.resolve("fleet.conf").toString(), "--timeout", "10s"));
        all.addAll(List.of(arguments));
        return flotilla(all.toArray(String[]::new));
    }

    @Test
    void logsShowsWhatAgentAndMirrorSaidAndFollowsUntilItIsEndedThroughABrokenConnection() throws Exception {
        hostKey("accept");
        String file = folder.resolve("fleet.conf").toString();
        assertThat(flotilla("logs", "-C", file, "east/east-1")).isEqualTo(1);
        assertThat(err.toString())
                .contains("east/east-1: the agent has said nothing yet: there is no "
                        + folder.resolve("var/log/flotilla"))
                .contains("east/east-1: the mirror has said nothing yet: ");
        Path agent = Files.createDirectories(folder.resolve("var/log/flotilla")).resolve("agent.log");
        Path mirror = Files.createDirectories(folder.resolve("var/lib/flotilla/agent"))
                .resolve("mirror.log");
        Files.writeString(agent, "2026-11-22T09:00:00.000Z INFO Agent a cycle\n");
        Files.writeString(mirror, "2026-11-22T09:00:01.000Z INFO Main - serves\n");
        assertThat(flotilla("logs", "-C", file, "east")).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "agent  | 2026-11-22T09:00:00.000Z INFO Agent a cycle",
                        "mirror | 2026-11-22T09:00:01.000Z INFO Main - serves");
        assertThat(flotilla("logs", "-C", file, "east/east-1", "--mirror", "--since", "1m"))
                .isZero();
        assertThat(out.toString()).isEmpty();
        Thread following =
                Thread.ofVirtual().start(() -> flotilla("logs", "-C", file, "east/east-1", "--mirror", "-f"));
        await().atMost(Duration.ofSeconds(60)).until(() -> out.toString().contains("serves"));
        int port = east.port();
        east.close();
        Files.writeString(mirror, "while it was away\n", StandardOpenOption.APPEND);
        await().atMost(Duration.ofSeconds(60)).until(() -> err.toString().contains("east/east-1: "));
        east = OpenSshServer.start(folder.resolve("east"), key, port);
        await().atMost(Duration.ofSeconds(60)).until(() -> out.toString().contains("while it was away\n"));
        following.interrupt();
        following.join();
        assertThat(out.toString().lines())
                .containsExactly("2026-11-22T09:00:01.000Z INFO Main - serves", "while it was away");
    }

    @Test
    void aFileWithoutTheSectionSaysWhatToAdd() throws IOException {
        write("");
        Files.writeString(
                folder.resolve("fleet.conf"),
                Files.readString(folder.resolve("fleet.conf")).replaceAll(", ssh \\{[^}]*}", ""));
        assertThat(run("--", "true")).isEqualTo(1);
        assertThat(err.toString()).contains("add ssh { user = \"root\" }");
    }

    @Test
    void aJumpHostIsPinnedFirstAndThenWhatIsBehindIt() throws IOException {
        write("ssh { user = %s, identities = [ id ], connect-time-out = 20s, through = \"127.0.0.1:%d\" }"
                .formatted(OpenSshServer.USER, west.port()));
        String jumpHost = "jump/127.0.0.1:" + west.port();
        assertThat(run("--on", "east", "--", "true")).isEqualTo(1);
        assertThat(out.toString())
                .contains("on the way to east/east-1: the host key of " + jumpHost + " isn't known")
                .contains("flotilla hostkey accept " + jumpHost);
        assertThat(hostKey("show")).isEqualTo(1);
        assertThat(out.toString()).contains(jumpHost + ": none is pinned", "east/east-1: not seen, on the way");
        assertThat(hostKey("accept", "jump/elsewhere")).isEqualTo(1);
        assertThat(err.toString()).contains("has no jump host jump/elsewhere: there is " + jumpHost);
        assertThat(hostKey("accept", jumpHost, "SHA256:wrong")).isEqualTo(1);
        assertThat(hostKey("accept")).isZero();
        assertThat(out.toString())
                .containsSubsequence(
                        jumpHost + ": pinned " + west.hostKey().fingerprint(),
                        "east/east-1: pinned " + east.hostKey().fingerprint());
        assertThat(run("--", "echo", "served")).isZero();
        assertThat(out.toString()).contains("east/east-1 | served", "west/west-1 | served");
        assertThat(hostKey("show")).isZero();
    }
}
