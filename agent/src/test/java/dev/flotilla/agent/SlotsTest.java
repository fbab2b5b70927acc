package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.slots.Slots;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of the agent's programs, which an agent and the real scripts share: every moment leads to one program to run. */
class SlotsTest {
    private static final Sha256 FIRST = Sha256.of("first".getBytes(StandardCharsets.UTF_8));
    private static final Sha256 SECOND = Sha256.of("second".getBytes(StandardCharsets.UTF_8));

    private AgentScripts scripts;

    @BeforeEach
    void install(@TempDir Path folder) throws IOException {
        scripts = AgentScripts.install(folder, says("installed"));
    }

    private static String says(String name) {
        return "#!/bin/sh\necho " + name + " \"$@\"\n";
    }

    private void stage(Sha256 program, String script) throws IOException {
        AgentScripts.executable(home(program).resolve("bin/agent"), script);
    }

    private Path home(Sha256 program) {
        return scripts.slots().resolve("programs").resolve(program.hex());
    }

    private Slots installed() throws IOException {
        return Slots.open(scripts.slots(), scripts.home());
    }

    private Slots running(Sha256 program) throws IOException {
        return Slots.open(scripts.slots(), home(program));
    }

    private void begin(Sha256 program, Duration time, int starts) throws IOException {
        stage(program, says(program.hex()));
        installed().begin(program, time, starts);
    }

    private String launched() throws Exception {
        return scripts.run("agent-launch", "run", "--config", "x");
    }

    @Test
    void theInstalledAgentRunsUntilAnotherOneProvesItself() throws Exception {
        assertThat(launched()).isEqualTo("installed run --config x\n");
        begin(FIRST, Duration.ofMinutes(10), 3);
        assertThat(launched()).isEqualTo(FIRST + " run --config x\n");
        Slots first = running(FIRST);
        assertThat(first.isOnTrial()).isTrue();
        assertThat(first.promote()).isTrue();
        assertThat(first.isOnTrial()).isFalse();
        assertThat(first.isDisplaced()).isFalse();
        assertThat(launched()).startsWith(FIRST.hex());
        stage(SECOND, says("second"));
        first.begin(SECOND, Duration.ofMinutes(10), 3);
        assertThat(launched()).startsWith("second");
        assertThat(running(SECOND).promote()).isTrue();
        assertThat(launched()).startsWith("second");
        assertThat(home(FIRST)).doesNotExist();
    }

    @Test
    void anAgentThatEndsTooOftenIsTakenBack() throws Exception {
        begin(FIRST, Duration.ofMinutes(10), 2);
        assertThat(launched()).startsWith(FIRST.hex());
        assertThat(launched()).startsWith(FIRST.hex());
        assertThat(launched()).contains("taken back: it ended 2 times", "installed run");
        assertThat(launched()).isEqualTo("installed run --config x\n");
        assertThat(installed().failed())
                .contains(new Slots.Failure(FIRST, "it ended 2 times before it had proved itself"));
        assertThat(running(FIRST).isDisplaced()).isTrue();
        assertThat(running(FIRST).promote()).isFalse();
    }

    @Test
    void aTrialThatIsWonCanNotBeTakenBackNorTheOtherWayRound() throws Exception {
        begin(FIRST, Duration.ofSeconds(1), 1);
        assertThat(launched()).startsWith(FIRST.hex());
        assertThat(running(FIRST).promote()).isTrue();
        longAgo();
        assertThat(scripts.run("agent-watch")).isEmpty();
        assertThat(launched()).startsWith(FIRST.hex());

        stage(SECOND, says("second"));
        running(FIRST).begin(SECOND, Duration.ofSeconds(1), 3);
        launched();
        longAgo();
        assertThat(scripts.run("agent-watch")).contains("it did not prove itself within 1 s");
        assertThat(running(SECOND).promote()).isFalse();
        assertThat(launched()).startsWith(FIRST.hex());
    }

    /** Moves the trial's begin to the start of the machine. */
    private void longAgo() throws IOException {
        Path begun = scripts.slots().resolve("trial/begun");
        if (Files.exists(begun)) {
            Files.writeString(begun, Files.readString(begun).replaceAll(" .*", " 0"));
        }
    }

    @Test
    void aHangingAgentIsKilledWhenItsTimeIsOverAndNoSoonerAndNobodyElse() throws Exception {
        stage(FIRST, "#!/bin/sh\nexec sleep 600\n");
        installed().begin(FIRST, Duration.ofSeconds(1000), 3);
        Process agent = scripts.start(scripts.home().resolve("out"), "agent-launch", "run");
        try {
            await().atMost(TestNode.patience())
                    .until(() -> Files.exists(scripts.slots().resolve("trial/process")));
            assertThat(scripts.run("agent-watch")).isEmpty();
            assertThat(agent.isAlive()).isTrue();
            Path process = scripts.slots().resolve("trial/process");
            String right = Files.readString(process);
            assertThat(right).startsWith(agent.pid() + " ");
            // A process of that number which was started at another time is another one.
            Files.writeString(process, agent.pid() + " 1\n");
            Files.writeString(scripts.slots().resolve("trial/seconds"), "0\n");
            assertThat(scripts.run("agent-watch")).contains("taken back");
            // A killed process would be seen as such by now: another one was started and has ended meanwhile.
            assertThat(scripts.run("agent-watch")).isEmpty();
            assertThat(TestNode.isAlive(agent.pid())).isTrue();

            installed().begin(FIRST, Duration.ofSeconds(1000), 3);
            Files.writeString(process, right);
            Files.writeString(scripts.slots().resolve("trial/seconds"), "0\n");
            assertThat(scripts.run("agent-watch")).contains("taken back");
            assertThat(agent.waitFor()).isEqualTo(128 + 9);
        } finally {
            agent.destroyForcibly();
        }
    }

    @Test
    void theTimeCountsAnewAfterAStartOfTheMachine() throws Exception {
        begin(FIRST, Duration.ofSeconds(20), 3);
        launched();
        Path begun = scripts.slots().resolve("trial/begun");
        Files.writeString(begun, "another-boot 0\n");
        assertThat(scripts.run("agent-watch")).isEmpty();
        assertThat(Files.readString(begun))
                .startsWith(Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                                .strip() + " ");
        longAgo();
        assertThat(scripts.run("agent-watch")).contains("taken back");
    }

    @Test
    void aTrialWithNothingToStartAndDamagedNotesLeadToAnAgentAllTheSame() throws Exception {
        begin(FIRST, Duration.ofMinutes(10), 2);
        Files.delete(home(FIRST).resolve("bin/agent"));
        assertThat(launched()).contains("there is nothing in it to start", "installed run");
        stage(SECOND, says("second"));
        installed().begin(SECOND, Duration.ofMinutes(10), 2);
        Files.writeString(scripts.slots().resolve("trial/starts"), "many\n");
        Files.writeString(scripts.slots().resolve("trial/begun"), "x\n");
        Files.writeString(scripts.slots().resolve("trial/most-starts"), "99999999999999999999\n");
        assertThat(launched()).startsWith("second");
        assertThat(running(SECOND).promote()).isTrue();
        Files.delete(home(SECOND).resolve("bin/agent"));
        assertThat(launched()).startsWith("installed");
    }

    @Test
    void aPromotionThatWasInterruptedIsKept() throws Exception {
        begin(FIRST, Duration.ofMinutes(10), 3);
        launched();
        Files.move(scripts.slots().resolve("trial"), scripts.slots().resolve("promoted"));
        assertThat(launched()).startsWith(FIRST.hex());
        Slots first = running(FIRST);
        assertThat(first.isDisplaced()).isFalse();
        first.tidy();
        assertThat(scripts.slots().resolve("promoted")).doesNotExist();
        assertThat(Files.readSymbolicLink(scripts.slots().resolve("current")))
                .isEqualTo(Path.of("programs", FIRST.hex()));
        assertThat(launched()).startsWith(FIRST.hex());
    }

    @Test
    void aStartThatCanNotBeCountedIsNone() throws Exception {
        begin(FIRST, Duration.ofMinutes(10), 2);
        // In place of a file stands a folder: nothing can be written there, whoever tries.
        Files.createDirectories(scripts.slots().resolve("trial/starts.new/x"));
        assertThat(launched()).contains("can't be written to", "installed run --config x");
        installed().tidy();
        assertThat(scripts.slots().resolve("trial")).doesNotExist();
    }

    @Test
    void noMoreRefusalsAreRememberedThanTheLimit() throws Exception {
        Slots slots = installed();
        stage(FIRST, says("first"));
        slots.refuse(FIRST, "one", Instant.EPOCH, 2);
        slots.refuse(SECOND, "two", Instant.EPOCH, 2);
        assertThat(slots.refusal(FIRST)).contains("one");
        assertThat(home(FIRST)).doesNotExist();
        slots.refuse(Sha256.of(new byte[1]), "three", Instant.EPOCH, 2);
        assertThat(slots.refusal(FIRST)).isEmpty();
        assertThat(installed().refusal(SECOND)).contains("two");
    }

    @Test
    void tidyingRemovesWhatNobodyNeedsAndNothingElse() throws Exception {
        Sha256 third = Sha256.of(new byte[3]);
        Sha256 unneeded = Sha256.of(new byte[4]);
        begin(FIRST, Duration.ofMinutes(10), 3);
        assertThat(running(FIRST).promote()).isTrue();
        stage(SECOND, says("second"));
        running(FIRST).begin(SECOND, Duration.ofSeconds(1000), 3);
        Files.writeString(scripts.slots().resolve("trial/seconds"), "0\n");
        launched();
        assertThat(scripts.run("agent-watch")).contains("taken back");
        stage(third, says("third"));
        stage(unneeded, says("unneeded"));
        Files.createDirectories(scripts.slots().resolve(".partial-begun/x"));
        Slots slots = running(third);
        slots.tidy();
        assertThat(home(FIRST)).as("the one that proved itself").isDirectory();
        assertThat(home(SECOND)).as("the one that waits for its verdict").isDirectory();
        assertThat(home(third)).as("the one that runs").isDirectory();
        assertThat(home(unneeded)).doesNotExist();
        assertThat(scripts.slots().resolve(".partial-begun")).doesNotExist();
        assertThat(slots.failed()).map(Slots.Failure::program).contains(SECOND);
    }

    @Test
    void tidyingEndsATrialThatNeverBeganAndLeavesOneThatGoesOn() throws Exception {
        begin(FIRST, Duration.ofMinutes(10), 3);
        installed().tidy();
        assertThat(scripts.slots().resolve("trial")).doesNotExist();
        assertThat(home(FIRST)).doesNotExist();
        begin(SECOND, Duration.ofMinutes(10), 3);
        running(SECOND).tidy();
        assertThat(running(SECOND).isOnTrial()).isTrue();
        assertThat(launched()).startsWith(SECOND.hex());
    }
}
