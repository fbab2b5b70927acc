package dev.flotilla.controller.wheels.plan;

import dev.flotilla.controller.wheels.requirement.Requirement;
import java.util.List;

/**
 * What the files of a branch say.
 *
 * @param wanted what is installed
 * @param constraints in which versions, where it is
 * @param problems each as {@code file:line: what is wrong}; with one of them the rest isn't to be relied on
 * @param remarks what was passed over, in the same form
 */
public record Branch(
        String name,
        List<Requirement> wanted,
        List<Requirement> constraints,
        List<String> problems,
        List<String> remarks) {
    public Branch {
        wanted = List.copyOf(wanted);
        constraints = List.copyOf(constraints);
        problems = List.copyOf(problems);
        remarks = List.copyOf(remarks);
    }
}
