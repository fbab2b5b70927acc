package dev.flotilla.controller.drill;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is written down before a region is taken out, so that whoever comes later knows what to undo.
 *
 * @param id of the drill: its time, region and mode
 * @param holds of {@link DrillMode#HEALTH_FAIL}: the nodes whose checks it holds itself, with the version that each check had before; absent where nothing is known of
 *     that
 * @param over whether everything is undone
 */
record DrillRecord(
        String id,
        FleetName fleet,
        RegionName region,
        DrillMode mode,
        String actor,
        Instant begun,
        Optional<SortedMap<NodeId, Long>> holds,
        boolean over) {
    static final ByteSize LARGEST = ByteSize.ofKiB(64);
    private static final long FORMAT = 1;

    DrillRecord {
        begun = begun.truncatedTo(ChronoUnit.MILLIS);
        holds = holds.map(nodes -> Collections.unmodifiableSortedMap(new TreeMap<>(nodes)));
    }

    /** The id of a drill that begins now: letters, digits and dashes, in the order of time. */
    static String id(Instant now, RegionName region, DrillMode mode) {
        return now.truncatedTo(ChronoUnit.SECONDS).toString().replaceAll("[-:]", "") + "-" + region + "-" + mode;
    }

    DrillRecord ended() {
        return new DrillRecord(id, fleet, region, mode, actor, begun, holds, true);
    }

    DrillRecord holding(SortedMap<NodeId, Long> nodes) {
        return new DrillRecord(id, fleet, region, mode, actor, begun, Optional.of(nodes), over);
    }

    /** As people are told it. */
    String told() {
        return "the drill " + id + " of " + actor + ", begun " + begun;
    }

    byte[] toBytes() {
        return JsonWriter.bytes(JsonObject.EMPTY
                .with("format", FORMAT)
                .with("id", id)
                .with("fleet", fleet.value())
                .with("region", region.value())
                .with("mode", mode.toString())
                .with("actor", actor)
                .with("begun", begun)
                .with(
                        "holds",
                        holds,
                        nodes -> new Json.Sequence(nodes.entrySet().stream()
                                .<Json>map(node -> JsonObject.EMPTY
                                        .with("node", node.getKey().node().value())
                                        .with("version", node.getValue()))
                                .toList()))
                .with("over", over));
    }

    /** Reads it; {@link dev.flotilla.agent.json.MalformedJsonException} where it is none. */
    static DrillRecord parse(byte[] document) {
        JsonObject written = new JsonReader(LARGEST).object(document);
        RegionName region = written.parsed("region", RegionName::new);
        return new DrillRecord(
                written.text("id"),
                written.parsed("fleet", FleetName::new),
                region,
                written.parsed("mode", DrillMode::parse),
                written.text("actor"),
                written.instant("begun"),
                written.member("holds").map(ignored -> holds(written, region)),
                written.truth("over"));
    }

    private static SortedMap<NodeId, Long> holds(JsonObject written, RegionName region) {
        SortedMap<NodeId, Long> holds = new TreeMap<>();
        for (Json element : written.sequence("holds")) {
            if (!(element instanceof JsonObject node)) {
                throw new MalformedJsonException("'holds' has to be a list of objects");
            }
            holds.put(new NodeId(region, node.parsed("node", NodeName::new)), node.whole("version"));
        }
        return holds;
    }
}
