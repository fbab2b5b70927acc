package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import java.time.Instant;
import java.util.Optional;

/** Which snapshot is valid now: the pointer that all else hangs on (TUF 1.0, section 4.6). Immutable. */
public record TimestampMetadata(long version, Instant expires, Optional<Instant> issued, MetaFile snapshot)
        implements Metadata {
    private static final String SNAPSHOT = "snapshot.json";

    public TimestampMetadata {
        expires = new Fields(Role.TIMESTAMP.metadataName(), version, expires, issued).expires();
    }

    static TimestampMetadata parse(JsonObject signed) {
        Fields fields = Fields.parse(Role.TIMESTAMP.metadataName(), signed);
        return new TimestampMetadata(
                fields.version(),
                fields.expires(),
                fields.issued(),
                MetaFile.parse(signed.object("meta").object(SNAPSHOT)));
    }

    /** The part that gets signed. */
    public JsonObject toSigned() {
        return new Fields(Role.TIMESTAMP.metadataName(), version, expires, issued)
                .toJson()
                .with("meta", JsonObject.EMPTY.with(SNAPSHOT, snapshot.toJson()));
    }
}
