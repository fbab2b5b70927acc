package dev.flotilla.agent.json;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Writes JSON for people and programs: two blanks of indentation, members in their order, a line feed at the end. */
public final class JsonWriter {
    private static final Pattern LINE_ENDS = Pattern.compile("\n *");

    private JsonWriter() {}

    public static byte[] bytes(Json value) {
        return text(value).getBytes(StandardCharsets.UTF_8);
    }

    public static String text(Json value) {
        var out = new StringBuilder();
        write(value, out, "\n");
        return out.append('\n').toString();
    }

    /** The same on one line without its end, for outputs of one value a line. */
    public static String line(Json value) {
        return LINE_ENDS.matcher(text(value)).replaceAll(""); // Within strings they are escaped.
    }

    private static void write(Json value, StringBuilder out, String line) {
        switch (value) {
            case Json.Text text -> quote(text.value(), out);
            case Json.Whole whole -> out.append(whole.value());
            case Json.Truth truth -> out.append(truth.value());
            case Json.Nothing ignored -> out.append("null");
            case Json.Sequence sequence -> write(sequence, out, line);
            case JsonObject object -> write(object, out, line);
        }
    }

    private static void write(Json.Sequence sequence, StringBuilder out, String line) {
        String inner = line + "  ";
        String before = "";
        out.append('[');
        for (Json element : sequence.elements()) {
            out.append(before).append(inner);
            write(element, out, inner);
            before = ",";
        }
        out.append(before.isEmpty() ? "" : line).append(']');
    }

    private static void write(JsonObject object, StringBuilder out, String line) {
        String inner = line + "  ";
        String before = "";
        out.append('{');
        for (var member : object.members().entrySet()) {
            out.append(before).append(inner);
            quote(member.getKey(), out);
            out.append(": ");
            write(member.getValue(), out, inner);
            before = ",";
        }
        out.append(before.isEmpty() ? "" : line).append('}');
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
