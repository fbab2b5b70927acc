package dev.flotilla.controller.wheels.requirement;

import dev.flotilla.vocabulary.ProjectName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a project or a file asks for (PEP 508), such as {@code requests[socks]>=2.31; python_version >= "3.9"}. Immutable.
 *
 * @param extras in normal form
 * @param url where it is to be had from, instead of an index
 * @param marker where it applies; everywhere if there is none
 */
public record Requirement(
        ProjectName project,
        Set<String> extras,
        VersionSpecifiers specifiers,
        Optional<String> url,
        Optional<Marker> marker) {
    private static final int LONGEST = 16_384;
    private static final String NAME = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
    private static final Pattern HEAD = Pattern.compile(
            "\\s*(" + NAME + ")\\s*(?:\\[\\s*((?:" + NAME + "\\s*(?:,\\s*" + NAME + "\\s*)*)?)\\])?\\s*");
    private static final Pattern BRACKETED = Pattern.compile("\\(([^()]*)\\)\\s*");
    private static final Pattern URL = Pattern.compile("@\\s*(\\S+)(?:\\s+|$)");

    public Requirement {
        extras = Set.copyOf(extras);
    }

    /** Reads it as it is written; {@link IllegalArgumentException} says why it is none. */
    public static Requirement parse(String text) {
        Matcher head = HEAD.matcher(text);
        if (text.length() > LONGEST || !head.lookingAt()) {
            throw new IllegalArgumentException("no requirement (PEP 508): a project's name was expected at '"
                    + text.substring(0, Math.min(text.length(), 60)).strip() + "'");
        }
        ProjectName project = ProjectName.of(head.group(1));
        Set<String> extras = head.group(2) == null || head.group(2).isBlank()
                ? Set.of()
                : List.of(head.group(2).split(",")).stream()
                        .map(String::strip)
                        .map(MarkerEnvironment::normal)
                        .collect(Collectors.toUnmodifiableSet());
        String rest = text.substring(head.end());
        Matcher url = URL.matcher(rest);
        if (url.lookingAt()) {
            return new Requirement(
                    project,
                    extras,
                    VersionSpecifiers.ANY,
                    Optional.of(url.group(1)),
                    marker(rest.substring(url.end()).strip()));
        }
        // A marker's texts may hold a semicolon, but no version specifier does.
        int semicolon = rest.indexOf(';');
        String written = (semicolon < 0 ? rest : rest.substring(0, semicolon)).strip();
        Matcher bracketed = BRACKETED.matcher(written);
        return new Requirement(
                project,
                extras,
                VersionSpecifiers.parse(bracketed.matches() ? bracketed.group(1) : written),
                Optional.empty(),
                semicolon < 0 ? Optional.empty() : marker(rest.substring(semicolon)));
    }

    private static Optional<Marker> marker(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.charAt(0) != ';') {
            throw new IllegalArgumentException("no requirement (PEP 508): ';' was expected at '" + text + "'");
        }
        return Optional.of(Marker.parse(text.substring(1)));
    }

    /** Whether it applies there. */
    public Marker.Verdict applies(MarkerEnvironment environment) {
        return marker.map(present -> present.holds(environment)).orElse(Marker.Verdict.YES);
    }

    /** Without its marker. */
    @Override
    public String toString() {
        return project
                + (extras.isEmpty() ? "" : "[" + String.join(",", new TreeSet<>(extras)) + "]")
                + url.map(from -> " @ " + from).orElse(specifiers.toString());
    }
}
