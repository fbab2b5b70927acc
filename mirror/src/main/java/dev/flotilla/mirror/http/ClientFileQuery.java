package dev.flotilla.mirror.http;

import dev.flotilla.clients.ClientFile;
import dev.flotilla.clients.Index;
import dev.flotilla.clients.RegionDescription;
import dev.flotilla.vocabulary.PlatformSlug;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a client wants of its configuration: {@code ?slug=debian-12-x86_64}, {@code ?cooldown=7}, {@code ?name=region} or
 * {@code global}, {@code ?scheme=https} or {@code http}.
 *
 * @param scope the name that it is to lead to; absent for the one that was asked
 * @param encrypted by which scheme; absent for the one that was asked by
 */
record ClientFileQuery(Index index, Optional<RegionDescription.Scope> scope, Optional<Boolean> encrypted) {
    private static final Set<String> KNOWN = Set.of("slug", "cooldown", "name", "scheme");

    /** The outcome of reading a query. */
    sealed interface Parsing {
        record Parsed(ClientFileQuery query) implements Parsing {}

        record Refused(String reason) implements Parsing {}
    }

    static Parsing parse(ClientFile file, RequestTarget target) {
        Optional<Map<String, String>> parameters = target.parameters();
        if (parameters.isEmpty() || !KNOWN.containsAll(parameters.get().keySet())) {
            return new Parsing.Refused(
                    "what can be asked for, each once, is slug=debian-12-x86_64 or cooldown=7, name=region or global, scheme=http or https");
        }
        Map<String, String> given = parameters.get();
        if ("auto".equals(given.get("slug"))) {
            return new Parsing.Refused(
                    "a mirror can't see on which platform its client runs: a script of it finds out, as in"
                            + " curl -fsS ‹this mirror›/client.sh | sh -s -- " + file.fileName());
        }
        if (!file.hasIndex() && (given.containsKey("slug") || given.containsKey("cooldown"))) {
            return new Parsing.Refused(
                    file.fileName() + " names no index, so that there is no slug and no cooldown of it");
        }
        try {
            return new Parsing.Parsed(new ClientFileQuery(
                    index(given),
                    Optional.ofNullable(given.get("name")).map(ClientFileQuery::scope),
                    Optional.ofNullable(given.get("scheme")).map(ClientFileQuery::encrypted)));
        } catch (IllegalArgumentException wrong) {
            return new Parsing.Refused(String.valueOf(wrong.getMessage()));
        }
    }

    private static Index index(Map<String, String> given) {
        String slug = given.get("slug");
        String days = given.get("cooldown");
        if (slug != null && days != null) {
            throw new IllegalArgumentException(
                    "an index with wheels of a platform has no cool-down: ask for slug or for cooldown");
        }
        if (slug != null) {
            return new Index.Overlay(PlatformSlug.parse(slug)
                    .orElseThrow(() -> new IllegalArgumentException("slug is a platform, such as debian-12-x86_64")));
        }
        if (days != null) {
            if (!days.matches("[1-9][0-9]{0,3}")) {
                throw new IllegalArgumentException("cooldown is a number of days, 1 to " + Index.Cooldown.MOST_DAYS);
            }
            return new Index.Cooldown(Integer.parseInt(days));
        }
        return new Index.Plain();
    }

    private static RegionDescription.Scope scope(String text) {
        return switch (text) {
            case "region" -> RegionDescription.Scope.REGION;
            case "global" -> RegionDescription.Scope.GLOBAL;
            default -> throw new IllegalArgumentException("name is region or global");
        };
    }

    private static boolean encrypted(String text) {
        return switch (text) {
            case "http" -> false;
            case "https" -> true;
            default -> throw new IllegalArgumentException("scheme is http or https");
        };
    }
}
