package dev.flotilla.mirror.upstream;

import io.vertx.core.Future;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** Somebody on this machine who has credentials, and signs single requests with them. Safe for use from any thread. */
@FunctionalInterface
public interface Signatures {
    /** Nobody signs, and nobody needs to. */
    Signatures NONE = location -> Future.succeededFuture(new Signed(Map.of(), Optional.empty()));

    /** Has a GET of {@code location} signed. Never fails: what isn't signed may be there for everybody. */
    Future<Signed> sign(URI location);

    /**
     * What a request is sent with.
     *
     * @param fields header fields that go to that location alone
     * @param missing why there are none, for whoever hears that the request is forbidden
     */
    record Signed(Map<String, Secret> fields, Optional<String> missing) {
        public Signed {
            fields = Map.copyOf(fields);
        }

        /** Not signed, and why. */
        public static Signed not(String why) {
            return new Signed(Map.of(), Optional.of(why));
        }
    }
}
