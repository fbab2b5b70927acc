package dev.flotilla.controller.plan;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One change of a plan.
 *
 * @param where the machine, likewise {@code east/east-1}; empty for what belongs to all
 * @param sign {@code +}, {@code ~} or {@code -}
 * @param later whether it happens only once nodes serve that don't yet
 * @param difference what changes inside, in the unified form, where that was asked for
 */
public record PlanLine(Area area, String where, char sign, String text, boolean later, List<String> difference) {
    /** Where something changes. */
    public enum Area {
        BUCKET,
        MACHINES,
        DNS
    }

    public PlanLine {
        difference = List.copyOf(difference);
        if ("+~-".indexOf(sign) < 0) {
            throw new IllegalArgumentException("no sign of a change: '" + sign + "'");
        }
    }

    PlanLine(Area area, String where, char sign, String text, boolean later) {
        this(area, where, sign, text, later, List.of());
    }

    PlanLine with(List<String> inside) {
        return new PlanLine(area, where, sign, text, later, inside);
    }

    /** A line that begins with its sign and a blank. */
    static PlanLine of(Area area, String line, boolean later) {
        return new PlanLine(area, "", line.charAt(0), line.substring(2).strip(), later);
    }

    /** For people. */
    @Override
    public String toString() {
        return sign + " " + (where.isEmpty() ? "" : where + ": ") + text + (later ? "   (once it serves)" : "");
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("area", area.name().toLowerCase(Locale.ROOT))
                .with("where", Optional.of(where).filter(place -> !place.isEmpty()), Json.Text::new)
                .with("sign", String.valueOf(sign))
                .with("text", text)
                .with("later", later)
                .with(
                        "difference",
                        Optional.of(difference).filter(lines -> !lines.isEmpty()),
                        lines -> new Json.Sequence(
                                lines.stream().<Json>map(Json.Text::new).toList()));
    }

    static PlanLine parse(JsonObject object) {
        String sign = object.text("sign");
        if (sign.length() != 1) {
            throw new MalformedJsonException("'sign' has to be +, ~ or -");
        }
        return new PlanLine(
                object.parsed("area", text -> Area.valueOf(text.toUpperCase(Locale.ROOT))),
                object.optionalText("where").orElse(""),
                sign.charAt(0),
                object.text("text"),
                object.truth("later"),
                object.member("difference").isEmpty() ? List.of() : texts(object, "difference"));
    }

    /** The texts of a list. */
    static List<String> texts(JsonObject object, String key) {
        return object.sequence(key).stream()
                .map(value -> {
                    if (value instanceof Json.Text text) {
                        return text.value();
                    }
                    throw new MalformedJsonException("'" + key + "' has to be a list of texts");
                })
                .toList();
    }
}
