package dev.flotilla.controller.ssh;

import dev.flotilla.controller.machine.MachineCommand;
import java.util.List;

/**
 * What the machine itself writes down of one command, so that it can be asked for the exit code where the connection didn't
 * bring it: a file of the process's number and, at the end, the exit code. Files of the last hour are kept.
 *
 * @param id letters and digits, never used before
 */
record RunRecord(String id) {
    private static final String FOLDER = "\"$HOME/.flotilla/runs\"";

    /** What the machine says of the command. */
    sealed interface Answer {
        record Ended(int exitCode) implements Answer {}

        record Running() implements Answer {}

        /** It never began, or was killed with all that watched over it, or nothing could be written down. */
        record Nothing() implements Answer {}
    }

    /** A line for the user's shell, which hands it on to a POSIX shell. The command gets the channel's input. */
    String line(MachineCommand command) {
        return shell("r=" + FOLDER + "; "
                + "(exec </dev/null; umask 077; mkdir -p \"$r\" && { find \"$r\" -type f -mmin +60 -exec rm -f {} +; echo $$ > \"$r/"
                + id
                + "\"; }) 2>/dev/null; "
                + command.quoted() + "; c=$?; "
                + "(echo $c >> \"$r/" + id + "\") 2>/dev/null; exit $c");
    }

    /** A line that asks for the record. */
    String question() {
        return shell("f=" + FOLDER + "/" + id + "; cat \"$f\" && kill -0 \"$(head -n 1 \"$f\")\" && echo running");
    }

    private static String shell(String script) {
        return "exec /bin/sh -c " + MachineCommand.quoted(script);
    }

    /** Reads what the machine answered to {@link #question}. */
    static Answer read(String answer) {
        List<String> lines = answer.lines().toList();
        if (lines.size() >= 2 && lines.get(1).matches("[0-9]{1,3}")) {
            return new Answer.Ended(Integer.parseInt(lines.get(1)));
        }
        return lines.contains("running") ? new Answer.Running() : new Answer.Nothing();
    }
}
