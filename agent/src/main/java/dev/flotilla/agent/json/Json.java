package dev.flotilla.agent.json;

import java.util.List;

/** A JSON value (RFC 8259) without fractions and exponents. Immutable. */
public sealed interface Json permits Json.Text, Json.Whole, Json.Truth, Json.Nothing, Json.Sequence, JsonObject {
    /** A string, whole in Unicode: no half of a surrogate pair. */
    record Text(String value) implements Json {
        public Text {
            requireUnicode(value);
        }
    }

    /** A number without fraction. */
    record Whole(long value) implements Json {}

    record Truth(boolean value) implements Json {}

    /** The literal {@code null}. */
    record Nothing() implements Json {}

    /** An array. */
    record Sequence(List<Json> elements) implements Json {
        public Sequence {
            elements = List.copyOf(elements);
        }
    }

    /** Refuses text that has no UTF-8 form: two such texts would look alike once they are written. */
    static void requireUnicode(String text) {
        if (text.codePoints().anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
            throw new MalformedJsonException("a string holds half of a surrogate pair");
        }
    }
}
