package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.FleetName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who may sign what (TUF 1.0, section 4.3), bound to one fleet. Immutable.
 *
 * @param roles the keys of each of the four top-level roles
 */
public record RootMetadata(long version, Instant expires, FleetName fleet, Map<Role, KeyRing> roles) {
    public RootMetadata {
        expires = new Fields(Role.ROOT, version, expires, fleet).expires();
        roles = Map.copyOf(roles);
        for (Role role : Role.values()) {
            if (!roles.containsKey(role)) {
                throw new MalformedJsonException("the role " + role.metadataName() + " is missing");
            }
        }
    }

    /** One key for the root and one for everything else, each enough by itself. */
    public static RootMetadata withTwoKeys(
            long version, Instant expires, FleetName fleet, PublicKey root, PublicKey online) {
        KeyRing offlineRing = new KeyRing(Map.of(root.id(), root), 1);
        KeyRing onlineRing = new KeyRing(Map.of(online.id(), online), 1);
        return new RootMetadata(
                version,
                expires,
                fleet,
                Map.of(
                        Role.ROOT, offlineRing,
                        Role.TIMESTAMP, onlineRing,
                        Role.SNAPSHOT, onlineRing,
                        Role.TARGETS, onlineRing));
    }

    /** Reads the signed part; {@link MalformedJsonException} where it is of another shape. */
    static RootMetadata parse(JsonObject signed) {
        Fields fields = Fields.parse(Role.ROOT, signed);
        if (!signed.truth("consistent_snapshot")) {
            throw new MalformedJsonException("'consistent_snapshot' has to be true");
        }
        Map<KeyId, PublicKey> keys = new TreeMap<>();
        signed.object("keys").objects().forEach((id, key) -> keys.put(new KeyId(id), PublicKey.parse(key)));
        Map<Role, KeyRing> roles = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            roles.put(role, ring(role, signed.object("roles").object(role.metadataName()), keys));
        }
        return new RootMetadata(fields.version(), fields.expires(), fields.fleet(), roles);
    }

    private static KeyRing ring(Role role, JsonObject written, Map<KeyId, PublicKey> keys) {
        Map<KeyId, PublicKey> ring = new TreeMap<>();
        for (Json element : written.sequence("keyids")) {
            KeyId id = new KeyId(element instanceof Json.Text text ? text.value() : "");
            PublicKey key = keys.get(id);
            if (key == null || ring.put(id, key) != null) {
                throw new MalformedJsonException(
                        "the role " + role.metadataName() + " names the key " + id + " twice or without its content");
            }
        }
        return new KeyRing(ring, Math.toIntExact(written.whole("threshold")));
    }

    /** The part that gets signed. */
    public JsonObject toSigned() {
        Map<KeyId, PublicKey> keys = new TreeMap<>();
        JsonObject writtenRoles = JsonObject.EMPTY;
        for (Role role : Role.values()) {
            KeyRing ring = keys(role);
            keys.putAll(ring.keys());
            List<Json> ids = new ArrayList<>();
            ring.keys().keySet().stream().sorted().forEach(id -> ids.add(new Json.Text(id.value())));
            writtenRoles = writtenRoles.with(
                    role.metadataName(),
                    JsonObject.EMPTY.with("keyids", new Json.Sequence(ids)).with("threshold", ring.threshold()));
        }
        JsonObject writtenKeys = JsonObject.EMPTY;
        for (var key : keys.entrySet()) {
            writtenKeys = writtenKeys.with(key.getKey().value(), key.getValue().toJson());
        }
        return new Fields(Role.ROOT, version, expires, fleet)
                .toJson()
                .with("consistent_snapshot", true)
                .with("keys", writtenKeys)
                .with("roles", writtenRoles);
    }

    public KeyRing keys(Role role) {
        KeyRing ring = roles.get(role);
        if (ring == null) {
            throw new IllegalStateException("the constructor saw all roles");
        }
        return ring;
    }
}
