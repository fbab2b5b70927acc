package dev.flotilla.agent.intent;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Has the clients of a region, or of one node of it, go elsewhere. Immutable.
 *
 * @param node absent where all of the region's nodes are meant
 * @param until when it ends by itself, by each node's own clock; absent where somebody has to end it
 * @param reason for people; may be empty
 * @param by who wants it
 */
public record Drain(
        RegionName region, Optional<NodeName> node, Optional<Instant> until, String reason, String by, Instant at) {
    private static final Set<String> MEMBERS = Set.of("region", "node", "until", "reason", "by", "at");

    public Drain {
        until = until.map(Shape::milliseconds);
        reason = Shape.reason(reason);
        by = Shape.by(by);
        at = Shape.milliseconds(at);
    }

    /** Whether a node is meant at that time. */
    public boolean covers(RegionName itsRegion, NodeName itsName, Instant now) {
        return isAbout(itsRegion, itsName) && !isOver(now);
    }

    /** Whether a node is meant at any time. */
    public boolean isAbout(RegionName itsRegion, NodeName itsName) {
        return region.equals(itsRegion)
                && node.filter(meant -> !meant.equals(itsName)).isEmpty();
    }

    public boolean isOver(Instant now) {
        return until.filter(end -> !now.isBefore(end)).isPresent();
    }

    /** Whether it is about the very same place. */
    public boolean isOf(RegionName itsRegion, Optional<NodeName> itsNode) {
        return region.equals(itsRegion) && node.equals(itsNode);
    }

    /** As people write it: {@code east} or {@code east/east-1}. */
    public String place() {
        return region + node.map(name -> "/" + name).orElse("");
    }

    static Drain parse(JsonObject written) {
        Shape.only("a drain", written, MEMBERS);
        return new Drain(
                written.parsed("region", RegionName::new),
                written.optionalParsed("node", NodeName::new),
                written.optionalInstant("until"),
                written.text("reason"),
                written.text("by"),
                written.instant("at"));
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("region", region.value())
                .with("node", node, name -> new Json.Text(name.value()))
                .with("until", until, end -> new Json.Text(end.toString()))
                .with("reason", reason)
                .with("by", by)
                .with("at", at);
    }
}
