package dev.flotilla.agent.mirror;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.program.ProgramStart;
import dev.flotilla.agent.program.Surroundings;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts mirrors in sessions of their own, so that no signal meant for the agent reaches them, finds those that an agent
 * before this one started, and ends them.
 */
final class MirrorLauncher {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorLauncher.class);

    /** Stand in the environment of every mirror, so that one is found whose start was never written down. */
    private static final String STATE_VARIABLE = "FLOTILLA_AGENT_STATE";

    private static final String PROGRAM_VARIABLE = "FLOTILLA_AGENT_MIRROR";

    /** Tells the mirror where its agent's wishes are; a mirror that doesn't know it passes it over. */
    private static final String KEEPER_VARIABLE = "FLOTILLA_MIRROR_KEEPER";

    private static final ByteSize LARGEST_RECORD = ByteSize.ofKiB(64);
    private static final Duration GLANCE = Duration.ofMillis(20);
    private static final Duration AFTER_KILL = Duration.ofSeconds(5);

    private final StateFolder folder;
    private final MirrorLog log;
    private final boolean keepWithStandardInput;
    private final Duration stopTimeOut;
    private final InstantSource clock;
    private final LinuxProcesses processes = new LinuxProcesses();
    private final LeavingMirrors leaving;

    MirrorLauncher(
            StateFolder folder,
            MirrorLog log,
            boolean keepWithStandardInput,
            Duration stopTimeOut,
            InstantSource clock) {
        this.folder = folder;
        this.log = log;
        this.keepWithStandardInput = keepWithStandardInput;
        this.stopTimeOut = stopTimeOut;
        this.clock = clock;
        this.leaving = new LeavingMirrors(folder.leavingMirrors(), processes);
    }

    MirrorProcess start(MirrorProgram program) throws IOException {
        return start(program, List.of());
    }

    /** Starts it on trial: it takes over from the mirror that serves the same store, which waits. */
    MirrorProcess startBeside(MirrorProgram program) throws IOException {
        return start(program, List.of("--take-over", "--on-trial"));
    }

    private MirrorProcess start(MirrorProgram program, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                program.executable().toString(),
                "--config",
                program.configurationFile().toString()));
        command.addAll(arguments);
        if (keepWithStandardInput) {
            command.add("--until-stdin-closes");
        }
        // Nothing goes through a pipe: its end would close with the agent and the mirror would die of it.
        var builder = new ProcessBuilder(command)
                .directory(folder.path().toFile())
                .redirectInput(
                        keepWithStandardInput
                                ? ProcessBuilder.Redirect.INHERIT
                                : ProcessBuilder.Redirect.from(Surroundings.NOTHING))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
        Surroundings.hideCredentials(builder.environment());
        builder.environment().put(STATE_VARIABLE, folder.path().toString());
        builder.environment().put(PROGRAM_VARIABLE, spelled(program));
        builder.environment().put(KEEPER_VARIABLE, folder.keeper().toString());
        Process child = ProgramStart.of(builder);
        ProcessIdentity identity =
                processes.identify(child.pid()).orElseGet(() -> new ProcessIdentity(child.pid(), 0, "ended at once"));
        var started = new MirrorProcess(identity, clock.instant(), program, Optional.of(child));
        try {
            record(started);
        } catch (IOException onlyForOnlookers) {
            // The mirror runs. Taken for one that doesn't, another would be started beside it, again and again.
            LOG.warn("the start of the mirror can't be written down: {}", onlyForOnlookers.getMessage());
        }
        return started;
    }

    /** Writes down which process the mirror is. */
    void record(MirrorProcess process) throws IOException {
        Disk.replace(
                folder.mirror(),
                JsonWriter.bytes(JsonObject.EMPTY
                        .with("pid", process.pid())
                        .with("started", process.started())
                        .with("ticks", process.identity().startTicks())
                        .with("boot", process.identity().boot())
                        .with("release", process.program().release())
                        .with("program", process.program().program().hex())
                        .with("configuration", process.program().configuration().hex())));
    }

    /** Strikes out what {@link #record} wrote. */
    void forget() throws IOException {
        Files.deleteIfExists(folder.mirror());
    }

    /**
     * The living mirrors of this state folder that were not told to end, whichever agent started them. More than one only
     * during a trial, or where something went wrong.
     */
    List<MirrorProcess> find() {
        return processes.sessionLeadersWith(STATE_VARIABLE, folder.path().toString()).stream()
                .filter(identity -> !leaving.contains(identity))
                .flatMap(identity -> processes
                        .environment(identity.pid(), PROGRAM_VARIABLE)
                        .flatMap(text -> parsed(text))
                        .map(program -> new MirrorProcess(identity, started(identity), program, Optional.empty()))
                        .stream())
                .toList();
    }

    boolean isAlive(MirrorProcess process) {
        return processes.isAlive(process.identity());
    }

    /** Tells the process that it may end, in its own time: it answers those who are connected to it. */
    void dismiss(MirrorProcess process) throws IOException {
        if (isAlive(process)) {
            leaving.add(process.identity(), clock.instant());
            signal(process.identity(), false);
        }
    }

    /** Tells those that were dismissed once more: an agent that was killed had perhaps only written down that it would. */
    void dismissAgain() {
        leaving.living().forEach(left -> signal(left, false));
    }

    /** Kills those that were dismissed longer ago than {@code limit}. */
    void endLate(Duration limit) {
        for (ProcessIdentity late : leaving.late(clock.instant(), limit)) {
            LOG.warn(
                    "the mirror that was replaced (process {}) didn't end within {} s and is killed",
                    late.pid(),
                    limit.toSeconds());
            signal(late, true);
        }
    }

    /** The programs of those that were dismissed and live: their files are still in use. */
    Set<Sha256> programsOfLeaving() {
        return leaving.living().stream()
                .flatMap(identity -> processes.environment(identity.pid(), PROGRAM_VARIABLE).stream())
                .flatMap(text -> parsed(text).stream())
                .map(MirrorProgram::program)
                .collect(Collectors.toSet());
    }

    /** Whether some that were dismissed have ended since this was asked last. */
    boolean haveSomeLeft() {
        return leaving.haveSomeLeft();
    }

    /** Ends those that were dismissed, as {@link #stop} does. */
    void stopLeaving() throws IOException, InterruptedException {
        for (ProcessIdentity left : leaving.living()) {
            stop(left);
        }
    }

    /** Returns when it is gone. */
    void kill(MirrorProcess process) throws IOException, InterruptedException {
        kill(process.identity());
    }

    /** Asks the process to end, and makes it where it doesn't in time. Returns when it is gone. */
    void stop(MirrorProcess process) throws IOException, InterruptedException {
        stop(process.identity());
    }

    private void stop(ProcessIdentity process) throws IOException, InterruptedException {
        signal(process, false);
        if (!ended(process, stopTimeOut)) {
            kill(process);
        }
    }

    private void kill(ProcessIdentity process) throws IOException, InterruptedException {
        signal(process, true);
        if (!ended(process, AFTER_KILL)) {
            throw new IOException("the mirror (process " + process.pid() + ") can't be ended, not even by a kill");
        }
    }

    private void signal(ProcessIdentity process, boolean force) {
        if (processes.isAlive(process)) {
            ProcessHandle.of(process.pid()).ifPresent(handle -> {
                if (force) {
                    handle.destroyForcibly();
                } else {
                    handle.destroy();
                }
            });
        }
    }

    private boolean ended(ProcessIdentity process, Duration timeOut) throws InterruptedException {
        long deadline = System.nanoTime() + timeOut.toNanos();
        while (processes.isAlive(process)) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(GLANCE);
        }
        return true;
    }

    /** When a found process was started, from what was written down, or now where that is of another one. */
    private Instant started(ProcessIdentity identity) {
        try {
            JsonObject record = new JsonReader(LARGEST_RECORD).object(Files.readAllBytes(folder.mirror()));
            return record.whole("pid") == identity.pid() && record.whole("ticks") == identity.startTicks()
                    ? record.instant("started")
                    : clock.instant();
        } catch (IOException | MalformedJsonException nothingWrittenDown) {
            return clock.instant();
        }
    }

    private String spelled(MirrorProgram program) {
        return program.release() + " " + program.program() + " " + program.configuration();
    }

    private Optional<MirrorProgram> parsed(String text) {
        List<String> parts = List.of(text.split(" ", -1));
        if (parts.size() != 3) {
            return Optional.empty();
        }
        try {
            long release = Long.parseLong(parts.get(0));
            Path home = folder.release(release);
            return Optional.of(new MirrorProgram(
                    release,
                    new Sha256(parts.get(1)),
                    new Sha256(parts.get(2)),
                    home.resolve("mirror"),
                    home.resolve("mirror.conf")));
        } catch (IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }
}
