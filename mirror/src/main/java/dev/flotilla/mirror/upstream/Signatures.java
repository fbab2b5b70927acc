package dev.flotilla.mirror.upstream;

import io.vertx.core.Future;
import java.net.URI;
import java.util.Map;

/** Somebody on this machine who has credentials, and signs single requests with them. Safe for use from any thread. */
@FunctionalInterface
public interface Signatures {
    /** Nobody signs, and nobody needs to. */
    Signatures NONE = location -> Future.succeededFuture(new Signed(Map.of(), false));

    /** Has a GET of {@code location} signed. Never fails: what isn't signed may be there for everybody. */
    Future<Signed> sign(URI location);

    /**
     * What a request is sent with.
     *
     * @param fields header fields that go to that location alone
     * @param missing whether they were to be had and weren't; why is for whoever looks after this machine, and not said here
     */
    record Signed(Map<String, Secret> fields, boolean missing) {
        public Signed {
            fields = Map.copyOf(fields);
        }

        /** Not signed, though it was to be. */
        public static Signed not() {
            return new Signed(Map.of(), true);
        }
    }
}
