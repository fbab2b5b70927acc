package dev.flotilla.settings;

import java.util.List;

/** The outcome of reading a configuration. */
public sealed interface Loading<T> {
    /** The configuration is right. */
    record Loaded<T>(T value) implements Loading<T> {}

    /** The configuration has problems, all of them listed in the order of their lines. */
    record Refused<T>(List<Problem> problems) implements Loading<T> {
        public Refused {
            problems = List.copyOf(problems);
            if (problems.isEmpty()) {
                throw new IllegalArgumentException("refused without a problem");
            }
        }

        /** The problems, one a line. */
        public String text() {
            return String.join("\n", problems.stream().map(Problem::toString).toList());
        }
    }
}
