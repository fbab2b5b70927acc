package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.FleetName;
import java.util.Optional;

/**
 * What a root is made for, so that a node of one fleet can't be led to follow another whose root it is given. A field of
 * our own in the signed part.
 *
 * @param bucket the only bucket that nodes look for this fleet's releases in
 * @param zone the zone that the fleet's names are in, where it has any
 */
public record Binding(FleetName fleet, String bucket, Optional<String> zone) {
    static Optional<Binding> parse(JsonObject signed) {
        return signed.optionalObject(Fields.OURS)
                .filter(ours -> ours.member("fleet").isPresent())
                .map(ours -> new Binding(
                        ours.parsed("fleet", FleetName::new), ours.text("bucket"), ours.optionalText("zone")));
    }

    JsonObject addTo(JsonObject signed) {
        return signed.with(
                Fields.OURS,
                signed.optionalObject(Fields.OURS)
                        .orElse(JsonObject.EMPTY)
                        .with("fleet", fleet.value())
                        .with("bucket", bucket)
                        .with("zone", zone, Json.Text::new));
    }

    /** The binding in words for people. */
    @Override
    public String toString() {
        return "fleet " + fleet + ", bucket " + bucket
                + zone.map(name -> ", zone " + name).orElse("");
    }
}
