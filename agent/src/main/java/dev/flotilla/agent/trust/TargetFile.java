package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.util.Optional;

/** What a release says of one file: its exact length and digest, and anything else in {@code custom} (TUF 1.0, section 4.5). */
public record TargetFile(ByteSize length, Sha256 sha256, Optional<JsonObject> custom) {
    public TargetFile(ByteSize length, Sha256 sha256) {
        this(length, sha256, Optional.empty());
    }

    public static TargetFile of(byte[] content) {
        return new TargetFile(new ByteSize(content.length), Sha256.of(content));
    }

    static TargetFile parse(JsonObject file) {
        return new TargetFile(
                new ByteSize(file.whole("length")),
                file.object("hashes").parsed("sha256", Sha256::new),
                file.optionalObject("custom"));
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("length", length.bytes())
                .with("hashes", JsonObject.EMPTY.with("sha256", sha256.hex()))
                .with("custom", custom, value -> value);
    }
}
