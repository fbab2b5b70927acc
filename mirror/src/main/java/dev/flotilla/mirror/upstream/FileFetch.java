package dev.flotilla.mirror.upstream;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

/** How asking for a file began. */
public sealed interface FileFetch {
    /**
     * The file is coming.
     *
     * @param body its bytes, paused: fetch or resume it; its exception handler hears of a body that ends too early, also
     *     when that was before it was set. It belongs to the context on which it was asked for
     * @param from the position of the body's first byte within the file: 0 unless a resumption was granted
     * @param size how many bytes the whole file has, where upstream says so
     * @param validators of the file
     * @param location where it comes from in the end
     * @param cancellation closes the exchange; harmless when it is over
     * @param accusation puts the address that it came from aside
     */
    record Opened(
            ReadStream<Buffer> body,
            long from,
            OptionalLong size,
            Validators validators,
            URI location,
            Runnable cancellation,
            Runnable accusation)
            implements FileFetch {
        /** Closes the exchange, for whoever doesn't want the rest. */
        public void cancel() {
            cancellation.run();
        }

        /** Says that its bytes were wrong: further attempts go to another address where there is one. */
        public void accuse() {
            accusation.run();
        }
    }

    /** The file's own host says that there is no such file (404 or 410). */
    record Absent() implements FileFetch {}

    /**
     * It can't be gone on with from where it broke off (RFC 9110, sections 15.3.7 and 15.5.17): nothing is behind that
     * position, or what came was from another one. To ask for the whole file may fare better.
     *
     * @param reason one line for people
     * @param size how many bytes the file has, where upstream says that nothing is behind
     */
    record NotResumed(String reason, OptionalLong size) implements FileFetch {}

    /**
     * Nobody could say.
     *
     * @param reason one line for people
     * @param worthRetrying whether another attempt may fare better: not where a rule of ours refused
     * @param deferral where nobody was asked: why, and when somebody will be
     */
    record Failed(String reason, boolean worthRetrying, Optional<Deferral> deferral) implements FileFetch {
        /** Somebody was asked and failed, or never will be asked. */
        public Failed(String reason, boolean worthRetrying) {
            this(reason, worthRetrying, Optional.empty());
        }
    }
}
