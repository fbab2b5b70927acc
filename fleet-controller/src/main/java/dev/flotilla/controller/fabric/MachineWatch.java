package dev.flotilla.controller.fabric;

import dev.flotilla.controller.fabric.Readiness.Stage;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Looks how far a machine is, and waits until it is ready: first the fabric has to say that it runs, then it has to let us in and run a
 * command that does nothing, and that command has to find that the first boot is done. Nothing is asked before its turn. Safe for
 * many threads.
 */
public final class MachineWatch {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    /**
     * Prints what the first boot is still busy with, or nothing. cloud-init says by {@code result.json} that it is through with what the
     * machine was given to run, each time that the machine starts; systemd by its state that the jobs of the start are done. $1 is the
     * root folder; where that is not the whole system, systemd is another's.
     */
    private static final String NO_OP = """
            r=$1
            if [ -e "$r/run/cloud-init/enabled" ] && [ ! -e "$r/run/cloud-init/result.json" ]; then
                echo "cloud-init isn't done"
            elif [ -z "$r" ] && [ -d /run/systemd/system ]; then
                case $(systemctl is-system-running 2>/dev/null) in initializing | starting) echo "systemd is still starting it" ;; esac
            fi
            """;

    private final Fabric fabric;
    private final Duration question;

    /** @param question the most that one command on the machine may take */
    public MachineWatch(Fabric fabric, Duration question) {
        this.fabric = fabric;
        this.question = question;
    }

    /** Looks once. */
    public Readiness look(Node node) throws IOException, InterruptedException {
        return switch (fabric.presence(node)) {
            case Presence.Unusable unusable -> new Readiness.Never(unusable.reason());
            case Presence.Missing ignored -> new Readiness.NotYet(Stage.RUNNING, "there is no machine that runs");
            case Presence.Starting starting -> new Readiness.NotYet(Stage.RUNNING, starting.reason());
            case Presence.Running ignored -> asked(fabric.site(node));
        };
    }

    /**
     * Waits until it is ready, can't ever be, or the time is over.
     *
     * @param told hears what it waits for, whenever that is something else
     */
    public Readiness await(Node node, Duration limit, Consumer<String> told) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        String said = "";
        while (true) {
            Readiness now = look(node);
            if (!(now instanceof Readiness.NotYet not) || System.nanoTime() >= end) {
                return now;
            }
            if (!not.reason().equals(said)) {
                said = not.reason();
                told.accept("waiting for the machine: " + said);
            }
            Thread.sleep(BETWEEN_LOOKS);
        }
    }

    private Readiness asked(Site site) throws InterruptedException {
        var command = MachineCommand.of("/bin/sh", "-c", NO_OP, "sh", site.root());
        return switch (site.asRoot().run(command, question)) {
            case Outcome.Failed failed -> judged(failed);
            case Outcome.Ended ended
            when ended.exitCode() != 0 ->
                new Readiness.Never("it lets us in, and its shell doesn't do what it is told: "
                        + ended.errorText().strip().lines().findFirst().orElse("exit code " + ended.exitCode()));
            case Outcome.Ended ended -> {
                String busy = ended.outText().strip();
                yield busy.isEmpty()
                        ? new Readiness.Ready()
                        : new Readiness.NotYet(Stage.FIRST_BOOT, "its first boot isn't done: " + busy);
            }
        };
    }

    /** A key that lets in may come with the first boot; a host key that isn't the pinned one stays what it is. */
    private static Readiness judged(Outcome.Failed failed) {
        return switch (failed.reason()) {
            case UNREACHABLE, REFUSED, TIMED_OUT, LOST -> new Readiness.NotYet(Stage.LETS_IN, failed.text());
            case UNKNOWN_HOST_KEY, CHANGED_HOST_KEY, NOT_ALLOWED -> new Readiness.Never(failed.text());
        };
    }
}
