package dev.flotilla.controller.machine;

import dev.flotilla.vocabulary.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Brings a file to a machine that has a shell and {@code sha256sum}, through the standard input of a command: so it works
 * where no SFTP is offered, and as root. What arrives goes to {@code .partial-DIGEST} beside the file, which takes its name only
 * when the machine itself has found the digest right. What a broken transfer has left is gone on with. No thread safety is
 * needed: it holds nothing.
 */
public final class FileTransfer {
    /** A connection that breaks this often in a row doesn't get better by being tried again. */
    private static final int TRIES = 3;

    private static final int SHORT = 11;
    private static final int WRONG = 12;
    private static final int MOVED = 13;
    private static final int FULL = 14;

    /** $1 the file, $2 its digest, $3 its size; prints "here", or "send" and how much is here. */
    private static final String LOOK = """
            f=$1 d=$2 n=$3; b=${f%/*}; p=$b/.partial-$d
            if [ -f "$f" ] && [ "$(sha256sum <"$f" | cut -c 1-64)" = "$d" ]; then echo here; exit 0; fi
            mkdir -p "$b" || exit
            s=0; if [ -f "$p" ]; then s=$(($(wc -c <"$p"))); fi
            if [ "$s" -gt "$n" ]; then rm -f "$p" || exit; s=0; fi
            set -- $(df -Pk "$b" 2>/dev/null | tail -n 1)
            case ${4:-} in *[!0-9]* | '') ;; *)
                if [ "$4" -lt "$(((n - s) / 1024))" ]; then echo "$b has $4 KiB free" >&2; exit 14; fi ;; esac
            echo "send $s"
            """;

    /**
     * $1 the file, $2 its digest, $3 its size, $4 where the input begins in it, $5 its mode. What is gone on with is a copy: whoever hangs
     * in a transfer of it has the other one open, and may write there still.
     */
    private static final String TAKE = """
            f=$1 d=$2 n=$3 s=$4 m=$5; b=${f%/*}; p=$b/.partial-$d; umask 077
            [ -f "$p" ] || : >"$p" || exit
            [ "$(($(wc -c <"$p")))" = "$s" ] || exit 13
            head -c "$s" "$p" >"$p.$$" && mv -f "$p.$$" "$p" || { rm -f "$p.$$" "$p"; exit 11; }
            cat >>"$p" || { rm -f "$p"; exit 1; }
            [ "$(($(wc -c <"$p")))" -ge "$n" ] || exit 11
            if [ "$(sha256sum <"$p" | cut -c 1-64)" != "$d" ]; then rm -f "$p"; exit 12; fi
            chmod "$m" "$p" && { sync "$p" 2>/dev/null || sync; } && mv -f "$p" "$f"
            """;

    private final Machine machine;
    private final Duration limit;

    /** @param limit for a file, whatever it takes */
    public FileTransfer(Machine machine, Duration limit) {
        this.machine = machine;
        this.limit = limit;
    }

    /** What came of it. */
    public sealed interface Placed {
        /** The file was there already, with this digest. */
        record Already() implements Placed {}

        /**
         * It is there now.
         *
         * @param bytes how much went over the way; less than the file has where some was there already
         */
        record Sent(long bytes) implements Placed {}

        /** Nothing stands under the file's name that wasn't there before. */
        record Failed(String text) implements Placed {}
    }

    /**
     * What is to be brought where.
     *
     * @param target absolute; its folder is made if it is missing
     * @param mode of the file there, in octal
     */
    public record Cargo(Content content, Sha256 digest, String target, String mode) {
        /** A file of this machine. */
        public Cargo(Path file, Sha256 digest, String target, String mode) {
            this(Content.of(file), digest, target, mode);
        }
    }

    /** What a file is to have in it. Opened anew for each try. */
    public interface Content {
        long size() throws IOException;

        InputStream open() throws IOException;

        static Content of(Path file) {
            return new Content() {
                @Override
                public long size() throws IOException {
                    return Files.size(file);
                }

                @Override
                public InputStream open() throws IOException {
                    return Files.newInputStream(file);
                }
            };
        }

        /** In memory alone, as keys are to be: no run that is killed leaves them on a disk here. */
        static Content of(byte[] bytes) {
            return new Content() {
                @Override
                public long size() {
                    return bytes.length;
                }

                @Override
                public InputStream open() {
                    return new ByteArrayInputStream(bytes);
                }
            };
        }
    }

    /** Brings it there; what it replaces is replaced at once and as a whole. */
    public Placed place(Cargo cargo) throws IOException, InterruptedException {
        long size = cargo.content().size();
        long end = System.nanoTime() + limit.toNanos();
        String problem = "";
        long sent = 0;
        for (int i = 0; i < TRIES; i++) {
            Outcome look = machine.run(command(LOOK, cargo, size), left(end));
            if (!(look instanceof Outcome.Ended seen)) {
                return failed(cargo, text(look));
            }
            String said = seen.outText().strip();
            if (said.equals("here")) {
                return sent == 0 ? new Placed.Already() : new Placed.Sent(sent);
            }
            if (seen.exitCode() != 0 || !said.matches("send [0-9]{1,18}")) {
                return failed(cargo, complaint(seen));
            }
            long begin = Long.parseLong(said.substring("send ".length()));
            sent += size - begin;
            var unread = new AtomicReference<@Nullable IOException>();
            Outcome taken = machine.run(
                    command(TAKE, cargo, size, Long.toString(begin), cargo.mode()),
                    () -> rest(cargo.content(), begin, unread),
                    left(end));
            IOException here = unread.get();
            if (here != null) {
                throw here;
            }
            switch (taken) {
                case Outcome.Ended ended
                when ended.exitCode() == 0 -> {
                    return new Placed.Sent(sent);
                }
                case Outcome.Ended ended
                when ended.exitCode() == SHORT || ended.exitCode() == MOVED || ended.exitCode() == WRONG ->
                    problem = why(ended.exitCode());
                case Outcome.Ended ended -> {
                    return failed(cargo, complaint(ended));
                }
                case Outcome.Failed failure when failure.reason() == Outcome.Reason.LOST -> problem = failure.text();
                case Outcome.Failed failure -> {
                    return failed(cargo, failure.text());
                }
            }
        }
        return failed(cargo, problem + ", " + TRIES + " times");
    }

    private static String why(int exitCode) {
        return switch (exitCode) {
            case SHORT -> "the connection broke before all of it was there";
            case MOVED -> "somebody else is bringing it, too";
            default -> "what arrived has another digest";
        };
    }

    private static MachineCommand command(String script, Cargo cargo, long size, String... more) {
        var words = new ArrayList<>(List.of(
                "/bin/sh", "-c", script, "sh", cargo.target(), cargo.digest().hex(), Long.toString(size)));
        words.addAll(List.of(more));
        return new MachineCommand(words);
    }

    private static InputStream rest(Content content, long begin, AtomicReference<@Nullable IOException> unread)
            throws IOException {
        try {
            var in = content.open();
            in.skipNBytes(begin);
            return in;
        } catch (IOException failed) {
            unread.set(failed);
            throw failed;
        }
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(1, end - System.nanoTime()));
    }

    private static String text(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Failed failed -> failed.text();
            case Outcome.Ended ended -> complaint(ended);
        };
    }

    private static String complaint(Outcome.Ended ended) {
        String said = ended.errorText().strip().lines().findFirst().orElse("exit code " + ended.exitCode());
        return ended.exitCode() == FULL ? "the disk is too full: " + said : said;
    }

    private static Placed.Failed failed(Cargo cargo, String why) {
        return new Placed.Failed(cargo.target() + " can't be brought there: " + why);
    }
}
