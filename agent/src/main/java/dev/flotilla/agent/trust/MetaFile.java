package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.util.Optional;

/**
 * What metadata say of other metadata (TUF 1.0, section 4.4). Where there are digests, there has to be a SHA-256.
 *
 * @param length at most so long; absent means that the limit of its kind holds
 */
public record MetaFile(long version, Optional<ByteSize> length, Optional<Sha256> sha256) {
    public MetaFile {
        if (version < 1) {
            throw new MalformedJsonException("'version' has to be at least 1, not " + version);
        }
    }

    /** What is said of {@code document}, which is of {@code version}. */
    public static MetaFile of(long version, byte[] document) {
        return new MetaFile(version, Optional.of(new ByteSize(document.length)), Optional.of(Sha256.of(document)));
    }

    static MetaFile parse(JsonObject written) {
        return new MetaFile(
                written.whole("version"),
                written.optionalWhole("length").map(ByteSize::new),
                written.optionalObject("hashes").map(hashes -> hashes.parsed("sha256", Sha256::new)));
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("version", version)
                .with("length", length, size -> new Json.Whole(size.bytes()))
                .with("hashes", sha256, digest -> JsonObject.EMPTY.with("sha256", digest.hex()));
    }
}
