package dev.flotilla.agent.intent;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Has the clients of a region, or of one node of it, come again where its nodes keep away by themselves. Immutable.
 *
 * @param node absent where all of the region's nodes are meant
 * @param by who wants it
 * @param at tells one from the one before it, and is compared with nothing else
 */
public record Return(RegionName region, Optional<NodeName> node, String by, Instant at) {
    private static final Set<String> MEMBERS = Set.of("region", "node", "by", "at");

    public Return {
        by = Shape.by(by);
        at = Shape.milliseconds(at);
    }

    boolean isAbout(RegionName itsRegion, NodeName itsName) {
        return region.equals(itsRegion)
                && node.filter(meant -> !meant.equals(itsName)).isEmpty();
    }

    boolean isOfThePlaceOf(Return other) {
        return region.equals(other.region()) && node.equals(other.node());
    }

    static Return parse(JsonObject written) {
        Shape.only("a return", written, MEMBERS);
        return new Return(
                written.parsed("region", RegionName::new),
                written.optionalParsed("node", NodeName::new),
                written.text("by"),
                written.instant("at"));
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("region", region.value())
                .with("node", node, name -> new Json.Text(name.value()))
                .with("by", by)
                .with("at", at);
    }
}
