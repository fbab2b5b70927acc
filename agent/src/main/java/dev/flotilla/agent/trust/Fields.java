package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.FleetName;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The fields that the metadata of all roles share (TUF 1.0, section 4.3), and the name of the fleet that they are bound
 * to.
 */
record Fields(Role role, long version, Instant expires, FleetName fleet) {
    private static final String SPECIFICATION = "1.0.31";
    private static final String OURS = "x-flotilla";

    Fields {
        if (version < 1) {
            throw new MalformedJsonException("'version' has to be at least 1, not " + version);
        }
        expires = expires.truncatedTo(ChronoUnit.SECONDS);
    }

    static Fields parse(Role role, JsonObject signed) {
        String type = signed.text("_type");
        if (!type.equals(role.metadataName())) {
            throw new MalformedJsonException("'_type' is " + type + ", not " + role.metadataName());
        }
        String specification = signed.text("spec_version");
        if (!specification.startsWith("1.")) {
            throw new MalformedJsonException("'spec_version' is " + specification + ", not 1.x");
        }
        return new Fields(
                role,
                signed.whole("version"),
                signed.instant("expires"),
                signed.object(OURS).parsed("fleet", FleetName::new));
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("_type", role.metadataName())
                .with("spec_version", SPECIFICATION)
                .with("version", version)
                .with("expires", expires)
                .with(OURS, JsonObject.EMPTY.with("fleet", fleet.value()));
    }
}
