package dev.flotilla.controller.wheels;

import dev.flotilla.vocabulary.BuilderName;
import dev.flotilla.vocabulary.Interpreter;
import java.util.Map;
import java.util.Optional;

/**
 * How a wheel came about.
 *
 * @param sdist of which it was built
 * @param interpreter with which
 * @param tools by name what took part and in which version, such as {@code setuptools}, {@code gcc}, {@code bubblewrap}
 * @param reproducible whether a second build gave the same bytes; empty where none was made
 */
public record Provenance(
        Sdist sdist,
        BuilderName builder,
        Interpreter interpreter,
        Map<String, String> tools,
        Optional<Boolean> reproducible) {
    public Provenance {
        tools = Map.copyOf(tools);
    }
}
