package dev.flotilla.controller.machine;

import dev.flotilla.controller.machine.Outcome.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A machine on which each command runs as root, by {@code sudo} that must not ask for a password. */
public final class AsRoot implements Machine {
    /** Its messages have to be read, and are translated. */
    private static final List<String> PREFIX = List.of("env", "LC_ALL=C", "sudo", "-n", "--");

    private static final int REFUSED = 1;
    private static final int NOT_FOUND = 127;

    private final Machine machine;
    private final String user;

    /** @param user who logs in there, for messages */
    public AsRoot(Machine machine, String user) {
        this.machine = machine;
        this.user = user;
    }

    @Override
    public Outcome run(MachineCommand command, Input input, Consumer<String> heard, Duration limit)
            throws InterruptedException {
        List<String> words = new ArrayList<>(PREFIX);
        words.addAll(command.words());
        Outcome outcome = machine.run(new MachineCommand(words), input, heard, limit);
        return outcome instanceof Outcome.Ended ended ? judged(ended) : outcome;
    }

    private Outcome judged(Outcome.Ended ended) {
        String error = ended.errorText();
        if (ended.exitCode() == REFUSED && error.startsWith("sudo: ") && error.contains("password")) {
            return new Outcome.Failed(
                    Reason.NOT_ALLOWED,
                    "sudo wants a password of " + user + ", and nobody is there to type it. Allow it without one: "
                            + user + " ALL=(root) NOPASSWD: ALL in /etc/sudoers.d/flotilla; or log in as root");
        }
        if (ended.exitCode() == REFUSED && (error.startsWith("sudo: ") || error.contains(" not in the sudoers file"))) {
            return new Outcome.Failed(
                    Reason.NOT_ALLOWED,
                    "sudo refuses " + user + ": " + error.lines().findFirst().orElse("it doesn't say why"));
        }
        return ended.exitCode() == NOT_FOUND && error.contains("sudo")
                ? new Outcome.Failed(
                        Reason.NOT_ALLOWED, "there is no sudo on the machine: install it, or log in as root")
                : ended;
    }
}
