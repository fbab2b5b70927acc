package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The fields that the metadata of all roles share (TUF 1.0, section 4.3), cut to seconds.
 *
 * @param issued when it was signed: a field of our own, by which the remaining part of a life is told. Absent from
 *     metadata that other programs made
 */
record Fields(String type, long version, Instant expires, Optional<Instant> issued) {
    static final String OURS = "x-flotilla";
    private static final String SPECIFICATION = "1.0.33";
    private static final String KNOWN = "1";
    private static final String ISSUED = "issued";

    Fields {
        if (version < 1) {
            throw new MalformedJsonException("'version' has to be at least 1, not " + version);
        }
        expires = expires.truncatedTo(ChronoUnit.SECONDS);
        issued = issued.map(time -> time.truncatedTo(ChronoUnit.SECONDS));
    }

    /** Only the first part of a version counts: within it nothing changes that would be misunderstood (section 4.3). */
    static boolean isKnown(String specification) {
        return specification.split("\\.", 2)[0].equals(KNOWN);
    }

    static Fields parse(String type, JsonObject signed) {
        String found = signed.text("_type");
        if (!found.equals(type)) {
            throw new MalformedJsonException("'_type' is " + found + ", not " + type);
        }
        return new Fields(
                type,
                signed.whole("version"),
                signed.instant("expires"),
                signed.optionalObject(OURS).flatMap(ours -> ours.optionalInstant(ISSUED)));
    }

    JsonObject toJson() {
        JsonObject plain = JsonObject.EMPTY
                .with("_type", type)
                .with("spec_version", SPECIFICATION)
                .with("version", version)
                .with("expires", expires);
        return issued.map(time -> plain.with(OURS, JsonObject.EMPTY.with(ISSUED, time)))
                .orElse(plain);
    }
}
