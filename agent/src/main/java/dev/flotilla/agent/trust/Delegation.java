package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A role that targets metadata leave some paths to (TUF 1.0, section 4.5). Immutable.
 *
 * @param paths patterns with {@code *} and {@code ?}, neither of which reaches over a {@code /}
 * @param hashPrefixes the beginnings of the SHA-256 of paths; where there are any, they count in place of patterns
 * @param terminating what this role does not know, no later one is asked for
 */
public record Delegation(
        String name, KeyRing keys, List<String> paths, Optional<List<String>> hashPrefixes, boolean terminating) {
    private static final int MOST_PATTERNS = 10_000;
    private static final int LONGEST_PATTERN_CHARACTERS = 512;

    /** The role that signs the index of prebuilt wheels. */
    public static final String WHEELS = "wheels";

    /** The role that signs what operators want of nodes beside their release. */
    public static final String INTENTS = "intents";

    public Delegation {
        paths = List.copyOf(paths);
        hashPrefixes = hashPrefixes.map(List::copyOf);
        if (Role.isTopLevel(name)) {
            throw new MalformedJsonException("a delegated role is called " + name + ", which is a top-level role");
        }
        if (paths.size() > MOST_PATTERNS
                || paths.stream().anyMatch(pattern -> pattern.length() > LONGEST_PATTERN_CHARACTERS)) {
            throw new MalformedJsonException("the role " + name + " has too many or too long paths");
        }
    }

    /** The role for prebuilt wheels: {@code wheels/‹platform›/…}. */
    public static Delegation wheels(KeyRing keys) {
        return new Delegation(WHEELS, keys, List.of("wheels/*/*", "wheels/*/*/*"), Optional.empty(), true);
    }

    /** The role for intents: {@code intents/…}. */
    public static Delegation intents(KeyRing keys) {
        return new Delegation(INTENTS, keys, List.of("intents/*"), Optional.empty(), true);
    }

    static Delegation parse(JsonObject role, Map<KeyId, PublicKey> known) {
        Optional<List<String>> prefixes = role.member("path_hash_prefixes").isPresent()
                ? Optional.of(texts(role.sequence("path_hash_prefixes")))
                : Optional.empty();
        String name = role.text("name");
        return new Delegation(
                name,
                KeyRing.parse(name, role, known),
                role.member("paths").isPresent() ? texts(role.sequence("paths")) : List.of(),
                prefixes,
                role.truth("terminating"));
    }

    private static List<String> texts(List<Json> sequence) {
        return sequence.stream()
                .map(element -> {
                    if (element instanceof Json.Text text) {
                        return text.value();
                    }
                    throw new MalformedJsonException("a path is no string");
                })
                .toList();
    }

    JsonObject toJson() {
        JsonObject written = keys.addTo(JsonObject.EMPTY.with("name", name));
        String kind = hashPrefixes.isPresent() ? "path_hash_prefixes" : "paths";
        return written.with(
                        kind,
                        new Json.Sequence(hashPrefixes.orElse(paths).stream()
                                .<Json>map(Json.Text::new)
                                .toList()))
                .with("terminating", terminating);
    }

    /** Whether the role may speak for a target. */
    boolean covers(String path) {
        if (hashPrefixes.isPresent()) {
            String digest = Sha256.of(path.getBytes(StandardCharsets.UTF_8)).hex();
            return hashPrefixes.get().stream().anyMatch(digest::startsWith);
        }
        return paths.stream().anyMatch(pattern -> matches(pattern, path));
    }

    /** Greedy with one step back: as long as the product of both lengths at most, whatever the pattern. */
    private static boolean matches(String pattern, String path) {
        int p = 0;
        int star = -1;
        int resume = 0;
        int i = 0;
        while (i < path.length()) {
            if (p < pattern.length()
                    && (pattern.charAt(p) == path.charAt(i)
                            ? pattern.charAt(p) != '*'
                            : pattern.charAt(p) == '?' && path.charAt(i) != '/')) {
                p++;
                i++;
            } else if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = i;
            } else if (star >= 0 && path.charAt(resume) != '/') {
                p = star + 1;
                i = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
