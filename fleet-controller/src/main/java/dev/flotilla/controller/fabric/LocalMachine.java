package dev.flotilla.controller.fabric;

import dev.flotilla.controller.machine.Input;
import dev.flotilla.controller.machine.KeptOutput;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.controller.machine.Outcome.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A folder of this computer in which commands run, each in a session of its own and with nothing of our environment but where programs are:
 * what is for the controller, such as its keys, is none of theirs. What takes too long is killed with all that it has started. Safe for
 * many threads.
 *
 * @param name for messages
 * @param path where programs are looked for, as PATH has it
 */
record LocalMachine(String name, Path folder, String path) implements Machine {
    /** How much of either output is kept, as over SSH. */
    private static final int KEPT_BYTES = 1 << 20;

    /** What a command left running may hold its output open; what it says then is not waited for. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private static final int BLOCK_BYTES = 64 << 10;

    @Override
    public Outcome run(MachineCommand command, Input input, Consumer<String> heard, Duration limit)
            throws InterruptedException {
        if (!Files.isDirectory(folder)) {
            return new Outcome.Failed(
                    Reason.UNREACHABLE, "there is no machine " + name + ": its folder would be " + folder);
        }
        long begin = System.nanoTime();
        // A session, so that Ctrl-C at our terminal ends us, and not half of what runs there; and so that all of it can
        // be killed.
        List<String> words = new ArrayList<>(List.of("setsid", "--"));
        words.addAll(command.words());
        var builder = new ProcessBuilder(words).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("LANG", "C.UTF-8");
        Process process;
        try {
            process = builder.start();
        } catch (IOException notStarted) {
            return new Outcome.Failed(
                    Reason.NOT_ALLOWED, "no command can be run in " + folder + ": " + notStarted.getMessage());
        }
        var out = new KeptOutput(KEPT_BYTES, heard);
        var error = new KeptOutput(KEPT_BYTES);
        Thread.startVirtualThread(() -> feed(input, process.getOutputStream()));
        Thread hearing = Thread.startVirtualThread(() -> drain(process.getInputStream(), out));
        Thread hearingErrors = Thread.startVirtualThread(() -> drain(process.getErrorStream(), error));
        try {
            if (!process.waitFor(Math.max(1, limit.toNanos()), TimeUnit.NANOSECONDS)) {
                return new Outcome.Failed(
                        Reason.TIMED_OUT,
                        "on " + name + " it took longer than "
                                + (limit.toMillis() < 10_000 ? limit.toMillis() + " ms" : limit.toSeconds() + " s")
                                + ", and was ended");
            }
            boolean heardOutput = hearing.join(LAST_WORDS);
            boolean heardErrors = hearingErrors.join(LAST_WORDS);
            out.end();
            return new Outcome.Ended(
                    process.exitValue(),
                    out.bytes(),
                    error.bytes(),
                    heardOutput && heardErrors && out.isWhole() && error.isWhole(),
                    Duration.ofNanos(System.nanoTime() - begin));
        } finally {
            if (process.isAlive()) {
                kill(process);
            }
        }
    }

    private static void feed(Input input, OutputStream process) {
        try (process;
                InputStream source = input.open()) {
            byte[] block = new byte[BLOCK_BYTES];
            for (int read = source.read(block); read >= 0; read = source.read(block)) {
                process.write(block, 0, read);
                process.flush(); // Input may come slowly, and the command may wait for each part of it.
            }
        } catch (IOException over) {
            // Input that can't be read ends early, and a command need not read all of it.
        }
    }

    private static void drain(InputStream from, KeptOutput to) {
        byte[] block = new byte[BLOCK_BYTES];
        try (from) {
            for (int read = from.read(block); read >= 0; read = from.read(block)) {
                to.write(block, 0, read);
            }
        } catch (IOException over) {
            // It says nothing more.
        }
    }

    /** Its session first, all at once; then what has left that. */
    private static void kill(Process process) {
        List<ProcessHandle> all = process.descendants().toList();
        try {
            new ProcessBuilder("kill", "-KILL", "--", "-" + process.pid())
                    .redirectErrorStream(true)
                    .start()
                    .onExit()
                    .join();
        } catch (IOException noSuchProgram) {
            process.destroyForcibly();
        }
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
    }
}
