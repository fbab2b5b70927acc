package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.FleetName;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A release: the files that it offers with their digests, as metadata of the targets role (TUF 1.0, section 4.5), bound
 * to one fleet. Immutable.
 *
 * @param version grows by every release
 * @param expires to the second; afterwards nobody starts to use it
 */
public record ReleaseMetadata(
        long version, Instant expires, FleetName fleet, SortedMap<TargetPath, TargetFile> targets) {
    private static final int MOST_TARGETS = 10_000;

    public ReleaseMetadata {
        expires = new Fields("targets", version, expires, Optional.empty()).expires();
        targets = Collections.unmodifiableSortedMap(new TreeMap<>(targets));
        if (targets.size() > MOST_TARGETS) {
            throw new MalformedJsonException("more than " + MOST_TARGETS + " targets");
        }
    }

    /** Reads the signed part; {@link MalformedJsonException} where it is of another shape. */
    static ReleaseMetadata parse(JsonObject signed) {
        Fields fields = Fields.parse("targets", signed);
        FleetName fleet = signed.object(Fields.OURS).parsed("fleet", FleetName::new);
        SortedMap<TargetPath, TargetFile> targets = new TreeMap<>();
        signed.object("targets")
                .objects()
                .forEach((path, file) -> targets.put(new TargetPath(path), TargetFile.parse(file)));
        return new ReleaseMetadata(fields.version(), fields.expires(), fleet, targets);
    }

    /** The part that gets signed. */
    public JsonObject toSigned() {
        JsonObject written = JsonObject.EMPTY;
        for (var target : targets.entrySet()) {
            written = written.with(target.getKey().value(), target.getValue().toJson());
        }
        return new Fields("targets", version, expires, Optional.empty())
                .toJson()
                .with(Fields.OURS, JsonObject.EMPTY.with("fleet", fleet.value()))
                .with("targets", written);
    }

    public Optional<TargetFile> target(TargetPath path) {
        return Optional.ofNullable(targets.get(path));
    }
}
