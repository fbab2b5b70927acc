package dev.flotilla.agent.slots;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder with the agent's own programs, and which of them this process is. The scripts {@code agent-launch} and
 * {@code agent-watch} read and write it too; they stay as they were installed, so what is said here holds for good.
 *
 * <pre>
 * programs/‹sha256›/           unpacked agents, by the digest of their archive
 * current → programs/‹sha256›  the one that proved itself last; where there is none, the installed one runs
 * trial/                       a program on trial. It appears whole, by one rename
 *   program → ../programs/‹sha256›
 *   seconds, most-starts       what it has to prove itself in
 *   starts, begun, process     written by agent-launch
 * promoted/                    a trial that was won, until current points to its program
 * failed/                      a trial that was lost, with the reason
 * refused.json                 programs that are not tried again
 * </pre>
 *
 * <p>A trial ends by one rename, to {@code promoted} by the agent that proves itself, or to {@code failed} by a script: only
 * one of them can be. For one agent, which holds the lock of its state folder. {@link IOException} where the disk fails.
 */
public final class Slots {
    /** The variable that {@code agent-launch} tells an agent its slots by. */
    public static final String VARIABLE = "FLOTILLA_AGENT_SLOTS";

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final int LONGEST_REASON_BYTES = 1000;

    private final Path folder;
    private final Optional<Sha256> running;

    private Slots(Path folder, Optional<Sha256> running) {
        this.folder = folder;
        this.running = running;
    }

    /**
     * The slots of this process.
     *
     * @param folder what {@code agent-launch} said
     * @param home the folder of the program that this process runs
     */
    public static Slots open(Path folder, Path home) throws IOException {
        Path absolute = folder.toAbsolutePath().normalize();
        Path programs = Files.createDirectories(absolute.resolve("programs")).toRealPath();
        Path real = home.toRealPath();
        return new Slots(absolute, programs.equals(real.getParent()) ? digest(real) : Optional.empty());
    }

    /** A trial that a program lost. */
    public record Failure(Sha256 program, String reason) {}

    /** The program that this process runs; absent where it is the installed one. */
    public Optional<Sha256> running() {
        return running;
    }

    /** Whether this process is the one on trial. */
    public boolean isOnTrial() {
        return running.isPresent() && program(trial()).equals(running);
    }

    /** Whether another program is to run in place of this one: its trial is over, and it was not won. */
    public boolean isDisplaced() {
        return running.isPresent()
                && !isOnTrial()
                && !running.equals(program(promoted()))
                && !running.equals(linked(current()));
    }

    /** The folder of a program. */
    public Path home(Sha256 program) {
        return programs().resolve(program.hex());
    }

    /** Puts a program that lies in its folder on trial. It gets it when this process has ended. */
    public void begin(Sha256 program, Duration time, int starts) throws IOException {
        Disk.remove(failure());
        Path partial = Files.createTempDirectory(folder, Disk.PARTIAL);
        try {
            Disk.link(partial.resolve("program"), Path.of("..").resolve(folder.relativize(home(program))));
            Disk.replace(partial.resolve("seconds"), line(time.toSeconds()));
            Disk.replace(partial.resolve("most-starts"), line(starts));
            Disk.move(partial, trial());
        } finally {
            Disk.remove(partial);
        }
    }

    /** Ends this process' trial, won. Answers whether it was; it is lost where a script was faster. */
    public boolean promote() throws IOException {
        try {
            Disk.move(trial(), promoted());
        } catch (NoSuchFileException lost) {
            return false;
        }
        finish();
        removeUnneeded();
        return true;
    }

    /**
     * Brings to an end what was begun by those who were killed: a promotion, a trial that never started, unfinished files.
     * Removes the programs that nobody needs.
     */
    public void tidy() throws IOException {
        finish();
        if (!isOnTrial()) {
            Disk.remove(trial());
        }
        removeUnneeded();
    }

    /** Has the next start begin with the program that won its trial, where that is still to be done. */
    public void finish() throws IOException {
        Optional<Sha256> won = program(promoted());
        if (won.isPresent()) {
            Disk.link(current(), folder.relativize(home(won.get())));
        }
        Disk.remove(promoted());
    }

    private void removeUnneeded() throws IOException {
        Set<String> needed = new HashSet<>();
        for (Optional<Sha256> program : List.of(running, linked(current()), program(failure()))) {
            program.map(Sha256::hex).ifPresent(needed::add);
        }
        removeOthers(needed);
    }

    private void removeOthers(Set<String> programs) throws IOException {
        remove(programs(), entry -> !programs.contains(name(entry)));
        remove(folder, entry -> name(entry).startsWith(Disk.PARTIAL));
    }

    private static void remove(Path from, Predicate<Path> unneeded) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.filter(unneeded).toList()) {
                Disk.remove(entry);
            }
        }
    }

    /** The trial that was lost and not yet judged. */
    public Optional<Failure> failed() throws IOException {
        Optional<Sha256> program = program(failure());
        if (program.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream reason = Files.newInputStream(failure().resolve("reason"))) {
            String text = new String(reason.readNBytes(LONGEST_REASON_BYTES), StandardCharsets.UTF_8);
            return Optional.of(new Failure(program.get(), text.strip()));
        } catch (NoSuchFileException diskWasFull) {
            return Optional.of(new Failure(program.get(), "its trial was ended"));
        }
    }

    /** Forgets the trial that was lost. */
    public void forgetFailure() throws IOException {
        Disk.remove(failure());
    }

    /** Why a program is not tried again, where it isn't. */
    public Optional<String> refusal(Sha256 program) throws IOException {
        return Refusals.read(refused()).reason(program);
    }

    /** Remembers not to try a program again, and at most {@code most} of them; forgets its failure and its files. */
    public void refuse(Sha256 program, String reason, Instant now, int most) throws IOException {
        Refusals.read(refused()).with(program, reason, now, most).write(refused());
        forgetFailure();
        Disk.remove(home(program));
    }

    private Optional<Sha256> program(Path state) {
        return linked(state.resolve("program"));
    }

    private static Optional<Sha256> linked(Path link) {
        try {
            return Files.isSymbolicLink(link) ? digest(Files.readSymbolicLink(link)) : Optional.empty();
        } catch (IOException goneMeanwhile) {
            return Optional.empty();
        }
    }

    private static Optional<Sha256> digest(Path home) {
        String name = name(home);
        return DIGEST.matcher(name).matches() ? Optional.of(new Sha256(name)) : Optional.empty();
    }

    private static String name(Path entry) {
        return String.valueOf(entry.getFileName());
    }

    private static byte[] line(long number) {
        return (number + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Removes a program that can't be started, so that it is brought anew. */
    public void removeUnlessStartable(Sha256 program) throws IOException {
        if (!Files.isRegularFile(executable(program)) || !Files.isExecutable(executable(program))) {
            Disk.remove(home(program));
        }
    }

    /** What a program is started by. */
    public Path executable(Sha256 program) {
        return home(program).resolve("bin").resolve("agent");
    }

    private Path programs() {
        return folder.resolve("programs");
    }

    private Path current() {
        return folder.resolve("current");
    }

    private Path trial() {
        return folder.resolve("trial");
    }

    private Path promoted() {
        return folder.resolve("promoted");
    }

    private Path failure() {
        return folder.resolve("failed");
    }

    private Path refused() {
        return folder.resolve("refused.json");
    }
}
