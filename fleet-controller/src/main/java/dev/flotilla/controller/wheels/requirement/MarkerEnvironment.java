package dev.flotilla.controller.wheels.requirement;

import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.ProjectName;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What markers ask about (PEP 508, "Environment markers"), as far as it is known: of an interpreter that isn't there nobody knows the last
 * number of its version, and of a machine not its kernel. Immutable.
 *
 * @param values by the marker's variable; what isn't there isn't known
 * @param extras that are asked for, in normal form
 */
public record MarkerEnvironment(Map<String, String> values, Set<String> extras) {
    static final String PYTHON_VERSION = "python_version";
    static final String FULL_VERSION = "python_full_version";
    static final String IMPLEMENTATION_VERSION = "implementation_version";

    public MarkerEnvironment {
        values = Map.copyOf(values);
        extras = Set.copyOf(extras);
    }

    /** That of a CPython on a Linux. */
    public static MarkerEnvironment of(Interpreter interpreter, Machine machine) {
        return new MarkerEnvironment(
                Map.of(
                        PYTHON_VERSION,
                        "3." + interpreter.minor(),
                        "os_name",
                        "posix",
                        "sys_platform",
                        "linux",
                        "platform_machine",
                        machine.architecture(),
                        "platform_python_implementation",
                        "CPython",
                        "platform_system",
                        "Linux",
                        "implementation_name",
                        "cpython"),
                Set.of());
    }

    /** The same where these are asked for, by names in any spelling. */
    public MarkerEnvironment withExtras(Set<String> names) {
        return new MarkerEnvironment(
                values, Set.copyOf(names.stream().map(MarkerEnvironment::normal).toList()));
    }

    /** A name of an extra as it is compared (PEP 685). */
    static String normal(String extra) {
        return ProjectName.isValid(extra) ? ProjectName.of(extra).normal() : extra;
    }

    Optional<String> value(String variable) {
        return Optional.ofNullable(values.get(variable));
    }

    MarkerEnvironment with(String variable, String value) {
        Map<String, String> more = new HashMap<>(values);
        more.put(variable, value);
        return new MarkerEnvironment(more, extras);
    }
}
