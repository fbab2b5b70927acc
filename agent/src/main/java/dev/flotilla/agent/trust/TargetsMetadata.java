package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files that a role offers with their digests (TUF 1.0, section 4.5), and the roles that it leaves others to. The
 * top-level one is a fleet's release. Immutable.
 *
 * @param targets by path, as the metadata write it
 * @param delegations in the order of their priority
 */
public record TargetsMetadata(
        long version,
        Instant expires,
        Optional<Instant> issued,
        SortedMap<String, TargetFile> targets,
        List<Delegation> delegations)
        implements Metadata {
    private static final int MOST_TARGETS = 10_000;
    private static final int MOST_DELEGATIONS = 1000;
    private static final String TYPE = "targets";

    public TargetsMetadata {
        expires = new Fields(TYPE, version, expires, issued).expires();
        targets = Collections.unmodifiableSortedMap(new TreeMap<>(targets));
        delegations = List.copyOf(delegations);
        if (targets.size() > MOST_TARGETS) {
            throw new MalformedJsonException("more than " + MOST_TARGETS + " targets");
        }
        var names = new HashSet<String>();
        if (delegations.size() > MOST_DELEGATIONS || !delegations.stream().allMatch(role -> names.add(role.name()))) {
            throw new MalformedJsonException("two delegated roles of one name, or too many of them");
        }
    }

    /** Reads the signed part; {@link MalformedJsonException} where it is of another shape. */
    public static TargetsMetadata parse(JsonObject signed) {
        Fields fields = Fields.parse(TYPE, signed);
        SortedMap<String, TargetFile> targets = new TreeMap<>();
        signed.object("targets").objects().forEach((path, file) -> targets.put(path, TargetFile.parse(file)));
        List<Delegation> delegations = signed.optionalObject("delegations")
                .map(TargetsMetadata::delegations)
                .orElse(List.of());
        return new TargetsMetadata(fields.version(), fields.expires(), fields.issued(), targets, delegations);
    }

    private static List<Delegation> delegations(JsonObject written) {
        Map<KeyId, PublicKey> keys = KeyRing.parseKeys(written.object("keys"));
        List<Delegation> delegations = new ArrayList<>();
        for (Json element : written.sequence("roles")) {
            if (!(element instanceof JsonObject role)) {
                throw new MalformedJsonException("a delegated role is no object");
            }
            delegations.add(Delegation.parse(role, keys));
        }
        return delegations;
    }

    /** The part that gets signed. */
    public JsonObject toSigned() {
        JsonObject written = JsonObject.EMPTY;
        for (var target : targets.entrySet()) {
            written = written.with(target.getKey(), target.getValue().toJson());
        }
        JsonObject signed = new Fields(TYPE, version, expires, issued).toJson().with("targets", written);
        if (delegations.isEmpty()) {
            return signed;
        }
        Map<KeyId, PublicKey> keys = new TreeMap<>();
        delegations.forEach(role -> keys.putAll(role.keys().keys()));
        return signed.with(
                "delegations",
                JsonObject.EMPTY
                        .with("keys", KeyRing.toJson(keys))
                        .with(
                                "roles",
                                new Json.Sequence(delegations.stream()
                                        .<Json>map(Delegation::toJson)
                                        .toList())));
    }

    /** The delegated role of that name. */
    public Optional<Delegation> delegation(String role) {
        return delegations.stream()
                .filter(delegation -> delegation.name().equals(role))
                .findFirst();
    }

    public Optional<TargetFile> target(TargetPath path) {
        return target(path.value());
    }

    Optional<TargetFile> target(String path) {
        return Optional.ofNullable(targets.get(path));
    }
}
