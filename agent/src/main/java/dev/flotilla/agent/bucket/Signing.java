package dev.flotilla.agent.bucket;

import java.util.Map;

/** What comes of a wish to have a request signed. */
public sealed interface Signing {
    /**
     * The request is allowed for some minutes.
     *
     * @param fields header fields that it has to carry, and that hold for it alone: a secret
     */
    record Signed(Map<String, String> fields) implements Signing {
        public Signed {
            fields = Map.copyOf(fields);
        }

        /** Names alone. */
        @Override
        public String toString() {
            return "Signed" + fields.keySet();
        }
    }

    /** There are no credentials: the bucket may be a public one. */
    record Unsigned(String reason) implements Signing {}

    /** There are some, and they couldn't be had. */
    record Failed(String reason) implements Signing {}
}
