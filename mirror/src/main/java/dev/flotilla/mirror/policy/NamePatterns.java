package dev.flotilla.mirror.policy;

import dev.flotilla.vocabulary.NamePattern;
import dev.flotilla.vocabulary.ProjectName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Patterns of project names, at most {@value #MOST}, made ready for hundreds of thousands of names: a whole name is one
 * look-up; {@code acme-*} and {@code *-internal} are searched for in order; of all others only those are tried that share
 * three characters in a row with the name. What has no such three, as {@code a*b*}, is tried with every name. Immutable.
 */
public final class NamePatterns {
    /** Thousands of names are what lists of known malware have; more would be a list of all. */
    static final int MOST = 10_000;

    private static final NamePatterns NONE = new NamePatterns(List.of());

    private final Map<String, NamePattern> whole = new HashMap<>();
    private final Beginnings beginnings = new Beginnings();
    private final Beginnings endings = new Beginnings();
    private final Map<Integer, List<NamePattern>> byFragment = new HashMap<>();
    private final List<NamePattern> others = new ArrayList<>();

    private NamePatterns(List<NamePattern> patterns) {
        for (var pattern : patterns) {
            String text = pattern.text().replaceAll("\\*+", "*");
            int star = text.indexOf('*');
            if (star < 0) {
                whole.put(text, pattern);
            } else if (star == text.length() - 1) {
                beginnings.add(text.substring(0, star), pattern);
            } else if (star == 0 && text.lastIndexOf('*') == 0) {
                endings.add(reversed(text.substring(1)), pattern);
            } else {
                rarestFragment(text)
                        .map(fragment -> byFragment.computeIfAbsent(fragment, unseen -> new ArrayList<>()))
                        .orElse(others)
                        .add(pattern);
            }
        }
    }

    /** These patterns; {@link IllegalArgumentException} where they are too many. */
    public static NamePatterns of(List<NamePattern> patterns) {
        if (patterns.size() > MOST) {
            throw new IllegalArgumentException("more than " + MOST + " patterns of names: " + patterns.size());
        }
        return patterns.isEmpty() ? NONE : new NamePatterns(patterns);
    }

    /** No pattern, which matches nothing. */
    public static NamePatterns none() {
        return NONE;
    }

    public boolean isEmpty() {
        return whole.isEmpty() && beginnings.isEmpty() && endings.isEmpty() && byFragment.isEmpty() && others.isEmpty();
    }

    /** A pattern that all of the name fits, if there is any. */
    public Optional<NamePattern> match(ProjectName name) {
        String normal = name.normal();
        var found = Optional.ofNullable(whole.get(normal));
        if (found.isEmpty() && !beginnings.isEmpty()) {
            found = beginnings.of(normal);
        }
        if (found.isEmpty() && !endings.isEmpty()) {
            found = endings.of(reversed(normal));
        }
        if (found.isEmpty() && !byFragment.isEmpty()) {
            found = sharingFragment(name);
        }
        return found.isEmpty() ? first(others, name) : found;
    }

    private Optional<NamePattern> sharingFragment(ProjectName name) {
        String normal = name.normal();
        for (int at = 0; at + 3 <= normal.length(); at++) {
            var found = first(byFragment.getOrDefault(fragment(normal, at), List.of()), name);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<NamePattern> first(List<NamePattern> patterns, ProjectName name) {
        for (var pattern : patterns) {
            if (pattern.matches(name)) {
                return Optional.of(pattern);
            }
        }
        return Optional.empty();
    }

    /** Three characters in a row that every name has which fits: those that the fewest patterns before have. */
    private Optional<Integer> rarestFragment(String text) {
        Optional<Integer> rarest = Optional.empty();
        int fewest = Integer.MAX_VALUE;
        for (int at = 0; at + 3 <= text.length(); at++) {
            if (text.substring(at, at + 3).indexOf('*') < 0) {
                int fragment = fragment(text, at);
                int count = byFragment.getOrDefault(fragment, List.of()).size();
                if (count < fewest) {
                    fewest = count;
                    rarest = Optional.of(fragment);
                }
            }
        }
        return rarest;
    }

    /** Three characters as one number: names in normal form are ASCII. */
    private static int fragment(String text, int at) {
        return text.charAt(at) << 14 | text.charAt(at + 1) << 7 | text.charAt(at + 2);
    }

    private static String reversed(String text) {
        return new StringBuilder(text).reverse().toString();
    }

    /** Beginnings of texts, none of which begins with another, so that only the nearest before a text can be its own. */
    private static final class Beginnings {
        private final NavigableMap<String, NamePattern> patterns = new TreeMap<>();

        void add(String beginning, NamePattern pattern) {
            if (of(beginning).isPresent()) {
                return;
            }
            patterns.subMap(beginning, true, beginning + Character.MAX_VALUE, false)
                    .clear();
            patterns.put(beginning, pattern);
        }

        Optional<NamePattern> of(String text) {
            var nearest = patterns.floorEntry(text);
            return nearest != null && text.startsWith(nearest.getKey())
                    ? Optional.of(nearest.getValue())
                    : Optional.empty();
        }

        boolean isEmpty() {
            return patterns.isEmpty();
        }
    }

    @Override
    public String toString() {
        return "patterns of project names";
    }
}
