package dev.flotilla.controller.wheels.index;

import dev.flotilla.controller.wheels.requirement.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Core metadata of a file (core metadata specification), as far as it matters here: what the project requires.
 *
 * @param version of the format, such as {@code 2.1}
 * @param requirements those that are to be understood
 * @param dynamic in lower case the fields that a build may say otherwise (PEP 643)
 * @param remarks on those requirements that aren't to be understood
 */
public record CoreMetadata(String version, List<Requirement> requirements, List<String> dynamic, List<String> remarks) {
    private static final int MOST_REQUIREMENTS = 2_000;
    private static final String REQUIRES = "requires-dist";

    public CoreMetadata {
        requirements = List.copyOf(requirements);
        dynamic = List.copyOf(dynamic);
        remarks = List.copyOf(remarks);
    }

    /** Reads the fields before the description; a line that begins with a blank goes on with the one before. */
    public static CoreMetadata read(String text) {
        String version = "";
        List<Requirement> requirements = new ArrayList<>();
        List<String> dynamic = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        for (String line : unfolded(text)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                String value = line.substring(colon + 1).strip();
                switch (line.substring(0, colon).strip().toLowerCase(Locale.ROOT)) {
                    case "metadata-version" -> version = value;
                    case "dynamic" -> dynamic.add(value.toLowerCase(Locale.ROOT));
                    case REQUIRES -> required(value, requirements, remarks);
                    default -> {}
                }
            }
        }
        return new CoreMetadata(version, requirements, dynamic, remarks);
    }

    private static void required(String value, List<Requirement> requirements, List<String> remarks) {
        if (requirements.size() >= MOST_REQUIREMENTS) {
            throw new IllegalArgumentException("more than " + MOST_REQUIREMENTS + " requirements of one project");
        }
        try {
            requirements.add(Requirement.parse(value));
        } catch (IllegalArgumentException none) {
            remarks.add(String.valueOf(none.getMessage()));
        }
    }

    private static List<String> unfolded(String text) {
        List<StringBuilder> lines = new ArrayList<>();
        for (String line : (Iterable<String>) text.lines()::iterator) {
            if (line.isBlank()) {
                break;
            }
            if ((line.startsWith(" ") || line.startsWith("\t")) && !lines.isEmpty()) {
                lines.getLast().append(' ').append(line.strip());
            } else {
                lines.add(new StringBuilder(line));
            }
        }
        return lines.stream().map(StringBuilder::toString).toList();
    }

    /** Whether what an sdist says of its requirements is what every wheel of it will say (PEP 643). */
    public boolean isStatic() {
        Optional<Integer> minor = version.matches("2\\.[0-9]{1,2}")
                ? Optional.of(Integer.valueOf(version.substring(2)))
                : Optional.empty();
        return minor.filter(number -> number >= 2).isPresent() && !dynamic.contains(REQUIRES);
    }
}
