package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The keys that may sign for one role and how many different ones have to.
 *
 * @param threshold at least 1. One that is higher than there are keys is never met
 */
public record KeyRing(Map<KeyId, PublicKey> keys, int threshold) {
    public KeyRing {
        keys = Map.copyOf(keys);
        if (threshold < 1) {
            throw new MalformedJsonException("a threshold of " + threshold + " means nothing");
        }
    }

    /** A ring of one key. */
    public static KeyRing of(PublicKey key) {
        return new KeyRing(Map.of(key.id(), key), 1);
    }

    /** Whether enough keys are here to meet the threshold at all. */
    public boolean canBeMet() {
        return threshold <= keys.values().stream().distinct().count();
    }

    /** Whether a key that was in {@code before} is not in this ring: keys that were only added are no reason to start anew. */
    boolean hasDropped(KeyRing before) {
        return !keys.keySet().containsAll(before.keys().keySet());
    }

    /** Reads the {@code keyids} and {@code threshold} of a role whose keys are among {@code known}. */
    static KeyRing parse(String role, JsonObject written, Map<KeyId, PublicKey> known) {
        Map<KeyId, PublicKey> ring = new TreeMap<>();
        for (Json element : written.sequence("keyids")) {
            KeyId id = new KeyId(element instanceof Json.Text text ? text.value() : "");
            PublicKey key = known.get(id);
            if (key == null || ring.put(id, key) != null) {
                throw new MalformedJsonException(
                        "the role " + role + " names the key " + id + " twice or without its content");
            }
        }
        return new KeyRing(ring, Math.toIntExact(written.whole("threshold")));
    }

    static Map<KeyId, PublicKey> parseKeys(JsonObject keys) {
        Map<KeyId, PublicKey> known = new TreeMap<>();
        keys.objects().forEach((id, key) -> known.put(new KeyId(id), PublicKey.parse(key)));
        return known;
    }

    /** Adds {@code keyids} and {@code threshold}. */
    JsonObject addTo(JsonObject role) {
        List<Json> ids = new ArrayList<>();
        keys.keySet().stream().sorted().forEach(id -> ids.add(new Json.Text(id.value())));
        return role.with("keyids", new Json.Sequence(ids)).with("threshold", threshold);
    }

    static JsonObject toJson(Map<KeyId, PublicKey> keys) {
        JsonObject written = JsonObject.EMPTY;
        for (var key : new TreeMap<>(keys).entrySet()) {
            written = written.with(key.getKey().value(), key.getValue().toJson());
        }
        return written;
    }
}
