package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;

/**
 * The canonical JSON of OLPC, over which The Update Framework signs: no white space, keys sorted by code point, strings
 * escaped nowhere but at {@code "} and {@code \}, whole numbers only.
 */
public final class CanonicalJson {
    private CanonicalJson() {}

    /** The canonical form in UTF-8. */
    public static byte[] bytes(Json value) {
        var out = new StringBuilder();
        write(value, out);
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void write(Json value, StringBuilder out) {
        switch (value) {
            case Json.Text text -> quote(text.value(), out);
            case Json.Whole whole -> out.append(whole.value());
            case Json.Truth truth -> out.append(truth.value());
            case Json.Nothing ignored -> out.append("null");
            case Json.Sequence sequence -> {
                String before = "[";
                for (Json element : sequence.elements()) {
                    out.append(before);
                    write(element, out);
                    before = ",";
                }
                out.append(before.equals("[") ? "[]" : "]");
            }
            case JsonObject object -> write(object, out);
        }
    }

    private static void write(JsonObject object, StringBuilder out) {
        var members = new ArrayList<>(object.members().entrySet());
        members.sort(Map.Entry.comparingByKey(BY_CODE_POINT));
        String before = "{";
        for (var member : members) {
            out.append(before);
            quote(member.getKey(), out);
            out.append(':');
            write(member.getValue(), out);
            before = ",";
        }
        out.append(before.equals("{") ? "{}" : "}");
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\');
            }
            out.append(c);
        }
        out.append('"');
    }

    /** String's own order is that of UTF-16 units, which differs beyond the basic plane. */
    private static final Comparator<String> BY_CODE_POINT = (one, other) -> {
        int[] left = one.codePoints().toArray();
        int[] right = other.codePoints().toArray();
        return Arrays.compare(left, right);
    };
}
