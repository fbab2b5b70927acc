package dev.flotilla.controller.plan;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What would happen.
 *
 * @param observed digest of all that was wanted and seen: where it is another one, this plan is no longer true
 * @param limit the places that it is limited to, as they were written; none for the whole fleet
 * @param notes what isn't as it should be and can't be changed from here, one line each
 * @param outlook what would happen to clients afterwards while something is down, one line each
 * @param outage why it needs somebody's word that it may take nodes out, where it does
 */
public record FleetPlan(
        FleetName fleet,
        Instant made,
        Sha256 observed,
        List<String> limit,
        List<PlanLine> lines,
        List<String> notes,
        List<String> outlook,
        Optional<String> outage) {
    private static final ByteSize LARGEST = ByteSize.ofMiB(16);
    private static final int FORMAT = 1;

    public FleetPlan {
        limit = List.copyOf(limit);
        lines = List.copyOf(lines);
        notes = List.copyOf(notes);
        outlook = List.copyOf(outlook);
    }

    public boolean isEmpty() {
        return lines.isEmpty();
    }

    private long count(char sign) {
        return lines.stream().filter(line -> line.sign() == sign).count();
    }

    /** Such as {@code 3 to add, 1 to change, 0 to remove}. */
    public String summary() {
        return count('+') + " to add, " + count('~') + " to change, " + count('-') + " to remove";
    }

    /** For people. */
    public List<String> text() {
        List<String> text = new ArrayList<>();
        for (PlanLine.Area area : PlanLine.Area.values()) {
            List<PlanLine> part =
                    lines.stream().filter(line -> line.area() == area).toList();
            if (!part.isEmpty()) {
                text.add(area.name().toLowerCase(Locale.ROOT) + ":");
                part.forEach(line -> {
                    text.add("  " + line);
                    line.difference().forEach(inside -> text.add("      " + inside));
                });
            }
        }
        if (!outlook.isEmpty()) {
            text.add("when something is down:");
            outlook.forEach(line -> text.add("  " + line));
        }
        notes.forEach(note -> text.add("! " + note));
        outage.ifPresent(why -> text.add("! " + why));
        text.add(isEmpty() ? "Nothing to do: the fleet is as fleet.conf says." : "Plan: " + summary() + ".");
        return text;
    }

    /** For programs, a value a line. */
    public List<JsonObject> events() {
        List<JsonObject> events = new ArrayList<>();
        lines.forEach(line -> {
            JsonObject event = JsonObject.EMPTY.with("event", "change");
            for (var member : line.toJson().members().entrySet()) {
                event = event.with(member.getKey(), member.getValue());
            }
            events.add(event);
        });
        notes.forEach(note -> events.add(JsonObject.EMPTY.with("event", "note").with("text", note)));
        outlook.forEach(
                line -> events.add(JsonObject.EMPTY.with("event", "outlook").with("text", line)));
        outage.ifPresent(
                why -> events.add(JsonObject.EMPTY.with("event", "outage").with("text", why)));
        events.add(JsonObject.EMPTY
                .with("event", "plan")
                .with("add", count('+'))
                .with("change", count('~'))
                .with("remove", count('-')));
        return events;
    }

    /** The form of a file. */
    public byte[] toBytes() {
        return JsonWriter.bytes(JsonObject.EMPTY
                .with("format", FORMAT)
                .with("fleet", fleet.value())
                .with("made", made)
                .with("observed", observed.hex())
                .with("limit", texts(limit))
                .with(
                        "changes",
                        new Json.Sequence(
                                lines.stream().<Json>map(PlanLine::toJson).toList()))
                .with("notes", texts(notes))
                .with("outlook", texts(outlook))
                .with("outage", outage, Json.Text::new));
    }

    /** Reads a file; {@link MalformedJsonException} says why it is no plan. */
    public static FleetPlan parse(byte[] document) {
        JsonObject object = new JsonReader(LARGEST).object(document);
        if (object.whole("format") != FORMAT) {
            throw new MalformedJsonException("another version of flotilla wrote it");
        }
        List<PlanLine> lines = new ArrayList<>();
        for (Json line : object.sequence("changes")) {
            if (!(line instanceof JsonObject change)) {
                throw new MalformedJsonException("'changes' has to be a list of objects");
            }
            lines.add(PlanLine.parse(change));
        }
        return new FleetPlan(
                object.parsed("fleet", FleetName::new),
                object.instant("made"),
                object.parsed("observed", Sha256::new),
                PlanLine.texts(object, "limit"),
                lines,
                PlanLine.texts(object, "notes"),
                object.member("outlook").isPresent() ? PlanLine.texts(object, "outlook") : List.of(),
                object.optionalText("outage"));
    }

    private static Json texts(List<String> texts) {
        return new Json.Sequence(texts.stream().<Json>map(Json.Text::new).toList());
    }
}
