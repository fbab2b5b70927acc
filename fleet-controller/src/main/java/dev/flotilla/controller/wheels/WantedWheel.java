package dev.flotilla.controller.wheels;

import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import java.util.List;

/**
 * A wheel that somebody should build.
 *
 * @param why for people: in a line, why it is wanted
 * @param branches that use it, in order; none where only the mirrors' logs ask for it
 */
public record WantedWheel(
        PlatformSlug platform, Interpreter interpreter, Sdist sdist, String why, List<String> branches) {
    public WantedWheel {
        branches = List.copyOf(branches);
    }
}
