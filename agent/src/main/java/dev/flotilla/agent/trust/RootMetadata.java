package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who may sign what (TUF 1.0, section 4.3). Immutable.
 *
 * @param consistentSnapshots whether versions and digests stand in the names of what it leads to
 * @param roles the keys of each of the four top-level roles
 * @param binding the fleet that it is made for; absent from roots that are nobody's
 */
public record RootMetadata(
        long version,
        Instant expires,
        Optional<Instant> issued,
        boolean consistentSnapshots,
        Map<Role, KeyRing> roles,
        Optional<Binding> binding)
        implements Metadata {
    public RootMetadata {
        expires = new Fields(Role.ROOT.metadataName(), version, expires, issued).expires();
        roles = Map.copyOf(roles);
        for (Role role : Role.values()) {
            if (!roles.containsKey(role)) {
                throw new MalformedJsonException("the role " + role.metadataName() + " is missing");
            }
        }
    }

    /** Reads the signed part; {@link MalformedJsonException} where it is of another shape. */
    public static RootMetadata parse(JsonObject signed) {
        Fields fields = Fields.parse(Role.ROOT.metadataName(), signed);
        Map<KeyId, PublicKey> keys = KeyRing.parseKeys(signed.object("keys"));
        Map<Role, KeyRing> roles = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            String name = role.metadataName();
            roles.put(role, KeyRing.parse(name, signed.object("roles").object(name), keys));
        }
        boolean consistent = signed.member("consistent_snapshot").isPresent() && signed.truth("consistent_snapshot");
        return new RootMetadata(
                fields.version(), fields.expires(), fields.issued(), consistent, roles, Binding.parse(signed));
    }

    /** The part that gets signed. */
    public JsonObject toSigned() {
        Map<KeyId, PublicKey> keys = new TreeMap<>();
        JsonObject writtenRoles = JsonObject.EMPTY;
        for (Role role : Role.values()) {
            keys.putAll(keys(role).keys());
            writtenRoles = writtenRoles.with(role.metadataName(), keys(role).addTo(JsonObject.EMPTY));
        }
        JsonObject signed = new Fields(Role.ROOT.metadataName(), version, expires, issued)
                .toJson()
                .with("consistent_snapshot", consistentSnapshots)
                .with("keys", KeyRing.toJson(keys))
                .with("roles", writtenRoles);
        return binding.map(bound -> bound.addTo(signed)).orElse(signed);
    }

    public KeyRing keys(Role role) {
        KeyRing ring = roles.get(role);
        if (ring == null) {
            throw new IllegalStateException("the constructor saw all roles");
        }
        return ring;
    }
}
