package dev.flotilla.agent.intent;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ProjectName;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which pages are purged: exactly what a mirror's {@code /purge} takes. */
public sealed interface PurgeScope {
    record Project(ProjectName name) implements PurgeScope {}

    /** All projects whose names, in their normal form, begin so. */
    record Prefix(String beginning) implements PurgeScope {
        private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,199}");

        public Prefix {
            if (!FORM.matcher(beginning).matches()) {
                throw new IllegalArgumentException("no beginning of a project's name in normal form: '"
                        + beginning.substring(0, Math.min(beginning.length(), 40))
                        + "' (a-z, 0-9 and '-' stand in them)");
            }
        }
    }

    record All() implements PurgeScope {}

    static PurgeScope parse(JsonObject written) {
        Optional<PurgeScope> project =
                written.optionalParsed("project", ProjectName::new).map(Project::new);
        Optional<PurgeScope> prefix = written.optionalParsed("prefix", Prefix::new);
        Optional<PurgeScope> all = written.member("all").map(ignored -> new All());
        if (all.isPresent() && !written.truth("all")) {
            throw new MalformedJsonException("'all' can only be true");
        }
        var said = Stream.of(project, prefix, all).flatMap(Optional::stream).toList();
        if (said.size() != 1) {
            throw new MalformedJsonException("a purge has one of 'project', 'prefix' and 'all'");
        }
        return said.getFirst();
    }

    default JsonObject addTo(JsonObject purge) {
        return switch (this) {
            case Project(ProjectName name) -> purge.with("project", name.normal());
            case Prefix(String beginning) -> purge.with("prefix", beginning);
            case All() -> purge.with("all", true);
        };
    }

    /** As a mirror's {@code /purge} takes it; nothing in it needs to be escaped. */
    default String query() {
        return switch (this) {
            case Project(ProjectName name) -> "project=" + name;
            case Prefix(String beginning) -> "prefix=" + beginning;
            case All() -> "all=true";
        };
    }

    /** For people. */
    default String text() {
        return switch (this) {
            case Project(ProjectName name) -> "project " + name;
            case Prefix(String beginning) -> "prefix " + beginning;
            case All() -> "all";
        };
    }
}
