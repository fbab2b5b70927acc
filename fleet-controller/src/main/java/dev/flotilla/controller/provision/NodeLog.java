package dev.flotilla.controller.provision;

import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What one of a node's programs has said: systemd's journal where the agent is a service, or else a file. It is read by commands that end
 * at once, each of which goes on where the last one stopped: nothing is left running there, and a way that breaks is no loss. For one
 * thread.
 */
public final class NodeLog {
    private static final int NO_LOG = 3;
    private static final String CURSOR = "cursor ";

    /**
     * $1 the root folder, $2 the program, $3 how many lines, $4 from which time on as text, $5 the same in seconds since 1970, $6 the cursor.
     * The lines go to standard output, the next cursor to standard error. A file's cursor is how far it was read, and how it began: files
     * are set aside by copying and emptied in their place. 700 kB at once are well below what is kept of an output.
     */
    private static final String SCRIPT = """
            r=$1 n=$3 since=$4 second=$5 cursor=$6 most=700000
            LC_ALL=C; export LC_ALL
            if [ "$2" = agent ] && [ -z "$r" ] && [ -d /run/systemd/system ]; then
                set -- -q --no-pager -o short-iso --show-cursor -u flotilla-agent.service -u flotilla-agent-watcher.service
                if [ -n "$cursor" ]; then set -- "$@" "--after-cursor=$cursor"
                else set -- "$@" -n "$n" ${second:+"--since=@$second"}; fi
                journalctl "$@" | tail -c "$most" | while IFS= read -r line; do
                    case $line in "-- cursor: "*) echo "cursor ${line#-- cursor: }" >&2 ;; *) printf '%s\\n' "$line" ;; esac
                done
                exit
            fi
            case $2 in agent) f=$r/var/log/flotilla/agent.log ;; *) f=$r/var/lib/flotilla/agent/mirror.log ;; esac
            if [ ! -e "$f" ]; then echo "$f" >&2; exit 3; fi
            size=$(($(wc -c <"$f")))
            if [ -z "$cursor" ]; then
                { cat "$f.1" 2>/dev/null; head -c "$size" "$f"; } |
                    awk -v since="$since" 'BEGIN { on = since == "" } /^[0-9][0-9][0-9][0-9]-/ { on = since <= $1 } on' |
                    tail -n "$n" | tail -c "$most"
                from=$size
            else
                set -- $cursor
                if [ "$size" -lt "$1" ] || [ "$(head -c "$2" "$f" | cksum)" != "$3 $4" ]; then
                    tail -c "+$(($1 + 1))" "$f.1" 2>/dev/null | head -c "$most"
                    set -- 0
                fi
                from=$(($1 + most)); [ "$from" -lt "$size" ] || from=$size
                tail -c "+$(($1 + 1))" "$f" | head -c "$((from - $1))"
            fi
            begin=$from; [ "$begin" -lt 200 ] || begin=200
            echo "cursor $from $begin $(head -c "$begin" "$f" | cksum)" >&2
            """;

    private final Machine machine;
    private final String root;
    private final Program program;
    private final Duration limit;
    private String cursor = "";
    private byte[] rest = new byte[0];

    /** Whose log. */
    public enum Program {
        AGENT,
        MIRROR;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A node's log, which isn't read yet.
     *
     * @param machine on which commands run as root
     * @param limit for one reading
     */
    public NodeLog(Machine machine, String root, Program program, Duration limit) {
        this.machine = machine;
        this.root = root;
        this.program = program;
        this.limit = limit;
    }

    /** What a reading brought. */
    public sealed interface Reading {
        record Lines(List<String> lines) implements Reading {
            public Lines {
                lines = List.copyOf(lines);
            }
        }

        /** The program has never said anything, or nothing is installed. */
        record NoLog(String file) implements Reading {}

        record Failed(String reason) implements Reading {}
    }

    /**
     * The last lines, or, when it was read before, what was said since.
     *
     * @param most lines at the first reading
     * @param since at the first reading: nothing that was said before
     */
    public Reading read(int most, Optional<Instant> since) throws InterruptedException {
        Optional<Instant> second = since.map(time -> time.truncatedTo(ChronoUnit.SECONDS));
        Outcome outcome = machine.run(
                MachineCommand.of(
                        "/bin/sh",
                        "-c",
                        SCRIPT,
                        "sh",
                        root,
                        program.toString(),
                        Integer.toString(most),
                        second.map(time -> time.toString().replace("Z", "")).orElse(""),
                        second.map(time -> Long.toString(time.getEpochSecond())).orElse(""),
                        cursor),
                limit);
        return switch (outcome) {
            case Outcome.Failed failed -> new Reading.Failed(failed.text());
            case Outcome.Ended ended -> {
                String error = ended.errorText().strip();
                if (ended.exitCode() == NO_LOG) {
                    yield new Reading.NoLog(error);
                }
                if (ended.exitCode() != 0) {
                    yield new Reading.Failed(
                            error.lines().findFirst().orElse("reading ended with exit code " + ended.exitCode()));
                }
                error.lines()
                        .filter(line -> line.startsWith(CURSOR))
                        .forEach(line -> cursor = line.substring(CURSOR.length()));
                yield new Reading.Lines(whole(ended.out()));
            }
        };
    }

    /** The lines that have ended; what is behind the last end waits for the next reading. */
    private List<String> whole(byte[] fresh) {
        byte[] all = new byte[rest.length + fresh.length];
        System.arraycopy(rest, 0, all, 0, rest.length);
        System.arraycopy(fresh, 0, all, rest.length, fresh.length);
        int end = all.length;
        while (end > 0 && all[end - 1] != '\n') {
            end--;
        }
        rest = new byte[all.length - end];
        System.arraycopy(all, end, rest, 0, rest.length);
        return new ArrayList<>(
                new String(all, 0, end, StandardCharsets.UTF_8).lines().toList());
    }
}
