package dev.flotilla.controller.wheels.build;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The headers of {@code METADATA} and {@code WHEEL} (core metadata, RFC 5322 without its comments): as far as the first empty line.
 *
 * @param file its name, for messages
 * @param fields by name in lower case, each with its values in order
 */
record HeaderFile(String file, Map<String, List<String>> fields) {
    static HeaderFile read(String file, String text) throws UnsoundWheelException {
        Map<String, List<StringBuilder>> fields = new LinkedHashMap<>();
        List<StringBuilder> last = new ArrayList<>();
        for (String line : text.split("\r?\n", -1)) {
            if (line.isEmpty()) {
                break;
            }
            int colon = line.indexOf(':');
            if (line.startsWith(" ") || line.startsWith("\t") || line.startsWith("|")) {
                if (last.isEmpty()) {
                    throw new UnsoundWheelException(file + " begins in the middle of a field");
                }
                last.getLast().append('\n').append(line.strip());
            } else if (colon < 1) {
                throw new UnsoundWheelException(file + " has a line that is no field");
            } else {
                last = fields.computeIfAbsent(
                        line.substring(0, colon).toLowerCase(Locale.ROOT), field -> new ArrayList<>());
                last.add(new StringBuilder(line.substring(colon + 1).strip()));
            }
        }
        Map<String, List<String>> whole = new LinkedHashMap<>();
        fields.forEach((field, values) ->
                whole.put(field, values.stream().map(StringBuilder::toString).toList()));
        return new HeaderFile(file, whole);
    }

    List<String> all(String field) {
        return fields.getOrDefault(field.toLowerCase(Locale.ROOT), List.of());
    }

    /** A field that may stand there once. */
    Optional<String> one(String field) throws UnsoundWheelException {
        List<String> values = all(field);
        if (values.size() > 1) {
            throw new UnsoundWheelException(file + " says " + field + " several times");
        }
        return values.stream().findFirst();
    }

    String required(String field) throws UnsoundWheelException {
        return one(field).orElseThrow(() -> new UnsoundWheelException(file + " doesn't say " + field));
    }
}
