package dev.flotilla.controller.drill;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.RegionName;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What is written down before a region is taken out, so that whoever comes later knows what to undo.
 *
 * @param id of the drill: its time, region and mode
 * @param over whether everything is undone
 */
record DrillRecord(
        String id, FleetName fleet, RegionName region, DrillMode mode, String actor, Instant begun, boolean over) {
    static final ByteSize LARGEST = ByteSize.ofKiB(64);
    private static final long FORMAT = 1;

    DrillRecord {
        begun = begun.truncatedTo(ChronoUnit.MILLIS);
    }

    /** The id of a drill that begins now: letters, digits and dashes, in the order of time. */
    static String id(Instant now, RegionName region, DrillMode mode) {
        return now.truncatedTo(ChronoUnit.SECONDS).toString().replaceAll("[-:]", "") + "-" + region + "-" + mode;
    }

    DrillRecord ended() {
        return new DrillRecord(id, fleet, region, mode, actor, begun, true);
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
                .with("over", over));
    }

    /** Reads it; {@link dev.flotilla.agent.json.MalformedJsonException} where it is none. */
    static DrillRecord parse(byte[] document) {
        JsonObject written = new JsonReader(LARGEST).object(document);
        return new DrillRecord(
                written.text("id"),
                written.parsed("fleet", FleetName::new),
                written.parsed("region", RegionName::new),
                written.parsed("mode", DrillMode::parse),
                written.text("actor"),
                written.instant("begun"),
                written.truth("over"));
    }
}
