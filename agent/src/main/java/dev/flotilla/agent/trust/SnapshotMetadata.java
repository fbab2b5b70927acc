package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which version of all targets metadata belong together (TUF 1.0, section 4.4). Immutable.
 *
 * @param meta by the name of the file, such as {@code targets.json}
 */
public record SnapshotMetadata(
        long version, Instant expires, Optional<Instant> issued, SortedMap<String, MetaFile> meta) implements Metadata {
    private static final String TARGETS = "targets.json";
    private static final int MOST_FILES = 1000;

    public SnapshotMetadata {
        expires = new Fields(Role.SNAPSHOT.metadataName(), version, expires, issued).expires();
        meta = Collections.unmodifiableSortedMap(new TreeMap<>(meta));
        if (!meta.containsKey(TARGETS)) {
            throw new MalformedJsonException("'meta' has no " + TARGETS);
        }
        if (meta.size() > MOST_FILES) {
            throw new MalformedJsonException("'meta' names more than " + MOST_FILES + " files");
        }
    }

    static SnapshotMetadata parse(JsonObject signed) {
        Fields fields = Fields.parse(Role.SNAPSHOT.metadataName(), signed);
        SortedMap<String, MetaFile> meta = new TreeMap<>();
        signed.object("meta").objects().forEach((name, file) -> meta.put(name, MetaFile.parse(file)));
        return new SnapshotMetadata(fields.version(), fields.expires(), fields.issued(), meta);
    }

    /** The part that gets signed. */
    public JsonObject toSigned() {
        JsonObject written = JsonObject.EMPTY;
        for (var file : meta.entrySet()) {
            written = written.with(file.getKey(), file.getValue().toJson());
        }
        return new Fields(Role.SNAPSHOT.metadataName(), version, expires, issued)
                .toJson()
                .with("meta", written);
    }

    /** What it says of the metadata of one role. */
    public Optional<MetaFile> of(String role) {
        return Optional.ofNullable(meta.get(role + ".json"));
    }

    /** What it says of the top-level targets. */
    public MetaFile targets() {
        return of(Role.TARGETS.metadataName()).orElseThrow();
    }
}
