package dev.flotilla.agent.intent;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** What all parts of the document have to keep to. Pure. */
final class Shape {
    private static final int LONGEST_REASON_CHARACTERS = 400;
    private static final int LONGEST_NAME_CHARACTERS = 200;

    private Shape() {}

    /** Refuses members that are not known: what is understood by half is not carried out. */
    static void only(String what, JsonObject object, Set<String> known) {
        for (String key : object.members().keySet()) {
            if (!known.contains(key)) {
                throw new MalformedJsonException(
                        what + " has '" + key + "', which this program doesn't know: update it");
            }
        }
    }

    static <T> List<T> list(JsonObject object, String key, int most, Function<JsonObject, T> form) {
        List<Json> elements = object.sequence(key);
        if (elements.size() > most) {
            throw new MalformedJsonException(
                    "'" + key + "' has " + elements.size() + " entries, and " + most + " are the most");
        }
        List<T> parsed = new ArrayList<>(elements.size());
        for (Json element : elements) {
            if (!(element instanceof JsonObject entry)) {
                throw new MalformedJsonException("an entry of '" + key + "' is no object");
            }
            parsed.add(form.apply(entry));
        }
        return parsed;
    }

    /** Why something is wanted, in one line; may be empty. */
    static String reason(String text) {
        return line("reason", text, LONGEST_REASON_CHARACTERS);
    }

    /** Who wants it. */
    static String by(String text) {
        return line("name", text, LONGEST_NAME_CHARACTERS);
    }

    private static String line(String what, String text, int longest) {
        if (text.length() > longest || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a " + what + " is one line of at most " + longest + " characters: '"
                    + text.substring(0, Math.min(text.length(), 40)) + "'…");
        }
        return text;
    }

    /** Times are compared and written in whole milliseconds. */
    static Instant milliseconds(Instant time) {
        return Instant.ofEpochMilli(time.toEpochMilli());
    }
}
