package dev.flotilla.controller.ssh;

import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import dev.flotilla.controller.machine.Input;
import dev.flotilla.controller.machine.KeptOutput;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.controller.machine.Outcome.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A machine behind an SSH server. Whatever the server does, the clock on the wall ends every wait: a task that is late has
 * its session closed under it. The exit code comes by the channel (RFC 4254, section 6.10); where the channel ends without one, the
 * machine is asked what it wrote down.
 */
final class SshMachine implements Machine {
    private static final Duration GLANCE = Duration.ofMillis(10);
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(300);

    /** What the library says where the server opens no channel. */
    private static final String NOT_OPENED = "channel is not opened.";

    private final SshTarget target;
    private final MachineSession connection;
    private final SshConnections.Limits limits;
    private final Semaphore channels;
    private final ExecutorService threads;

    SshMachine(SshTarget target, MachineSession connection, SshConnections.Limits limits, ExecutorService threads) {
        this.target = target;
        this.connection = connection;
        this.limits = limits;
        this.channels = new Semaphore(limits.commandsAtOnce());
        this.threads = threads;
    }

    MachineSession connection() {
        return connection;
    }

    @Override
    public Outcome run(MachineCommand command, Input input, Consumer<String> heard, Duration limit)
            throws InterruptedException {
        long begin = System.nanoTime();
        Future<Outcome> task = threads.submit(() -> inTurn(command, input, heard, begin));
        try {
            return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            connection.disconnect();
            return new Outcome.Failed(
                    Reason.TIMED_OUT, target + " took longer than " + text(limit) + "; the command may go on there");
        } catch (ExecutionException bug) {
            throw new IllegalStateException("running a command on " + target, bug.getCause());
        } finally {
            task.cancel(true);
        }
    }

    /** Only shakes hands, as far as the host key. */
    HostKeySight look(Optional<PublicHostKey> pinned) throws InterruptedException {
        Future<String> task = threads.submit(this::handshake);
        String why;
        try {
            why = task.get(limits.connect().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            why = target + " took longer than " + text(limits.connect());
        } catch (ExecutionException bug) {
            throw new IllegalStateException("looking at " + target, bug.getCause());
        } finally {
            task.cancel(true);
            connection.disconnect();
        }
        Optional<PublicHostKey> shown = connection.shown();
        if (shown.isEmpty()) {
            return new HostKeySight.Hidden(why);
        }
        if (pinned.isEmpty()) {
            return new HostKeySight.Unknown(shown.get());
        }
        return pinned.get().equals(shown.get())
                ? new HostKeySight.Right(shown.get())
                : new HostKeySight.Changed(pinned.get(), shown.get());
    }

    private Outcome inTurn(MachineCommand command, Input input, Consumer<String> heard, long begin)
            throws InterruptedException {
        channels.acquire();
        MachineSession.Use use = connection.use();
        try {
            return ran(command, input, heard, begin);
        } finally {
            use.close();
            channels.release();
        }
    }

    private Outcome ran(MachineCommand command, Input input, Consumer<String> heard, long begin)
            throws InterruptedException {
        var record = new RunRecord(UUID.randomUUID().toString().replace("-", ""));
        var out = new KeptOutput(limits.outputBytes(), heard);
        var error = new KeptOutput(limits.outputBytes());
        OptionalInt exitCode;
        try {
            exitCode = executed(record.line(command), input, out, error);
        } catch (JSchException notBegun) {
            return connection.failure(notBegun);
        }
        out.end();
        boolean complete = exitCode.isPresent();
        if (!complete) {
            exitCode = asked(record);
        }
        return exitCode.isPresent()
                ? new Outcome.Ended(
                        exitCode.getAsInt(),
                        out.bytes(),
                        error.bytes(),
                        complete && out.isWhole() && error.isWhole(),
                        Duration.ofNanos(System.nanoTime() - begin))
                : new Outcome.Failed(
                        Reason.LOST,
                        "the connection to " + target + " broke, and the machine doesn't know how the command ended");
    }

    /**
     * The exit code; empty where the connection ends without one. Throws where the command surely hasn't begun. A server that has
     * as many channels as it allows, since it hasn't noticed yet that some are closed, is asked again.
     */
    private OptionalInt executed(String line, Input input, KeptOutput out, KeptOutput error)
            throws JSchException, InterruptedException {
        while (true) {
            Session open = connection.session();
            var channel = OpenedChannel.of(open, "exec", ChannelExec.class);
            try (var source = new SentInput(input)) {
                channel.setCommand(line);
                channel.setInputStream(source, true);
                channel.setOutputStream(out);
                channel.setErrStream(error);
                channel.connect(limits.connectMillis());
                while (!channel.isClosed() && open.isConnected()) {
                    Thread.sleep(GLANCE);
                }
                int exitCode = channel.getExitStatus();
                return exitCode < 0 ? OptionalInt.empty() : OptionalInt.of(exitCode);
            } catch (JSchException broken) {
                if (!NOT_OPENED.equals(broken.getMessage())) {
                    return OptionalInt.empty();
                }
            } finally {
                channel.disconnect();
            }
            Thread.sleep(BETWEEN_QUESTIONS);
        }
    }

    /**
     * Asks as long as the command runs; who waits for the answer has a limit. Empty where it never began, or was killed with
     * all that watched over it, or nothing could be written down.
     */
    private OptionalInt asked(RunRecord record) throws InterruptedException {
        while (true) {
            var answer = new KeptOutput(limits.outputBytes());
            try {
                if (executed(record.question(), Input.NOTHING, answer, new KeptOutput(0))
                        .isPresent()) {
                    switch (RunRecord.read(new String(answer.bytes(), StandardCharsets.US_ASCII))) {
                        case RunRecord.Answer.Ended(int exitCode) -> {
                            return OptionalInt.of(exitCode);
                        }
                        case RunRecord.Answer.Nothing ignored -> {
                            return OptionalInt.empty();
                        }
                        case RunRecord.Answer.Running ignored -> {}
                    }
                }
            } catch (JSchException away) {
                connection.disconnect(); // It may come back: a machine that starts anew still has the record.
            }
            Thread.sleep(BETWEEN_QUESTIONS);
        }
    }

    private String handshake() throws InterruptedException {
        try {
            connection.session();
            return "";
        } catch (JSchException failed) {
            return connection.failure(failed).text();
        }
    }

    private static String text(Duration limit) {
        return limit.toMillis() < 10_000 ? limit.toMillis() + " ms" : limit.toSeconds() + " s";
    }

    /** Gives up what leads to the machine, for good. What runs there goes on. */
    void close() {
        connection.close();
    }
}
