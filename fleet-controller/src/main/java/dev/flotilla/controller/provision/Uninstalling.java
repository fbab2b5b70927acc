package dev.flotilla.controller.provision;

import dev.flotilla.controller.machine.Input;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes a node a machine again: {@code install.sh --uninstall} ends its processes and removes what was installed. Killed anywhere, it can be
 * done again. Safe for many threads.
 *
 * @param withStore whether the mirror's store goes, too
 * @param limit for one command
 */
public record Uninstalling(boolean withStore, Duration limit) {
    /** $1 the root folder, $2 whether the store counts; prints what is there. */
    private static final String LOOK = """
            for x in opt/flotilla etc/flotilla var/lib/flotilla/agent var/log/flotilla ${2:+var/lib/flotilla}; do
                [ ! -e "$1/$x" ] || echo "$1/$x"
            done
            """;

    /** The programs go last, and with them the script: where it is gone already, a killed run had come as far as that. */
    private static final String REMOVE = """
            p=$1/opt/flotilla
            if [ -x "$p/current/install.sh" ]; then
                set -- --uninstall --user "$2" ${1:+--root "$1"} ${3:+--with-store}
                "$p/current/install.sh" "$@" || exit
            elif [ -e "$1/etc/flotilla" ] || [ -e "$1/var/lib/flotilla/agent" ]; then
                echo "something of a node is there, and $p/current/install.sh is not: flotilla provision mends it first" >&2
                exit 1
            elif [ -n "$3" ]; then
                rm -rf "$1/var/lib/flotilla"
            fi
            rm -rf "$p"
            """;

    /** What is on a machine. */
    public sealed interface Sight {
        /** Folders that a node has. */
        record Installed(List<String> folders) implements Sight {
            public Installed {
                folders = List.copyOf(folders);
            }
        }

        record Nothing() implements Sight {}

        /** It couldn't be looked at. */
        record Hidden(String reason) implements Sight {}
    }

    /** Looks and changes nothing. */
    public Sight look(Machine machine, String root) throws InterruptedException {
        return switch (machine.run(command(LOOK, root, store()), limit)) {
            case Outcome.Failed failed -> new Sight.Hidden(failed.text());
            case Outcome.Ended ended -> {
                List<String> folders = ended.outText().lines().toList();
                yield ended.exitCode() != 0
                        ? new Sight.Hidden(complaint(ended))
                        : folders.isEmpty() ? new Sight.Nothing() : new Sight.Installed(folders);
            }
        };
    }

    /**
     * Does it, and tells what the script says as it comes. Present is why it isn't done.
     *
     * @param user as whom agent and mirror ran
     */
    public Optional<String> remove(Machine machine, String root, String user, Consumer<String> progress)
            throws InterruptedException {
        return switch (machine.run(command(REMOVE, root, user, store()), Input.NOTHING, progress, limit)) {
            case Outcome.Failed failed -> Optional.of(failed.text());
            case Outcome.Ended ended -> ended.exitCode() == 0 ? Optional.empty() : Optional.of(complaint(ended));
        };
    }

    private String store() {
        return withStore ? "yes" : "";
    }

    private static MachineCommand command(String script, String... given) {
        List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
        words.addAll(List.of(given));
        return new MachineCommand(words);
    }

    private static String complaint(Outcome.Ended ended) {
        return ended.errorText().strip().lines().findFirst().orElse("exit code " + ended.exitCode());
    }
}
