package dev.flotilla.mirror.upstream;

import dev.flotilla.mirror.simple.FilePath;
import io.vertx.core.Future;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Where files come from. Safe for use from any thread. A future of this port never fails: whatever goes wrong is
 * {@link FileFetch.Failed}.
 */
public interface FileSource {
    /**
     * Asks for the file at {@code location}, once. Nothing is connected to unless its host is allowed; a host that is known to
     * be out of order isn't asked.
     */
    Future<FileFetch> open(URI location, Attempt attempt);

    /** The name of the upstream that has {@code location}, as downloads take turns; empty where none has. */
    String upstreamOf(URI location);

    /** Where {@code path} can be asked for although no page names it, best first; none for other than PyPI's own form. */
    List<URI> locationsOf(FilePath path);

    /**
     * One attempt at a file.
     *
     * @param number 0 for the first; a further attempt uses a fresh connection and the host's next address
     * @param last whether nothing more is tried there when it fails, so that its failure is the host's
     * @param resumption from where to go on, where a part is already here
     */
    record Attempt(int number, boolean last, Optional<Resumption> resumption) {
        /** The only one. */
        public static Attempt single() {
            return new Attempt(0, true, Optional.empty());
        }
    }

    /**
     * How to go on with a file of which a part is here (RFC 9110, section 14).
     *
     * @param from how many bytes are here, at least 1
     * @param etag the strong entity tag of what is here: another file is then sent whole
     */
    record Resumption(long from, Optional<String> etag) {
        public Resumption {
            if (from < 1) {
                throw new IllegalArgumentException("nothing to go on from: " + from);
            }
        }
    }
}
