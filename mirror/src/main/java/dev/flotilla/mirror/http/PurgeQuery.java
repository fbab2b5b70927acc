package dev.flotilla.mirror.http;

import dev.flotilla.mirror.pages.PurgeScope;
import dev.flotilla.vocabulary.ProjectName;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What the query of {@code /purge} asks for: exactly one of {@code project}, {@code prefix} and {@code all}, and {@code hard}. */
sealed interface PurgeQuery {
    /** A purge. */
    record Wanted(PurgeScope scope, boolean hard) implements PurgeQuery {}

    /** Nothing that could be done; {@code reason} is one line for people. */
    record Wrong(String reason) implements PurgeQuery {}

    String HELP = "Say /purge?project=NAME, /purge?prefix=BEGINNING or /purge?all=true, and &hard=true to delete";

    static PurgeQuery parse(RequestTarget target) {
        Optional<Map<String, String>> parameters = target.parameters();
        if (parameters.isEmpty()) {
            return new Wrong("the query is not understood. " + HELP);
        }
        var left = new HashMap<>(parameters.get());
        String hard = left.getOrDefault("hard", "false");
        left.remove("hard");
        if (left.size() != 1 || !(hard.equals("true") || hard.equals("false"))) {
            return new Wrong(HELP);
        }
        var scope = left.entrySet().iterator().next();
        try {
            return switch (scope.getKey()) {
                case "project" ->
                    new Wanted(new PurgeScope.Project(ProjectName.of(scope.getValue())), hard.equals("true"));
                case "prefix" -> new Wanted(new PurgeScope.Prefix(scope.getValue()), hard.equals("true"));
                case "all" ->
                    scope.getValue().equals("true")
                            ? new Wanted(new PurgeScope.All(), hard.equals("true"))
                            : new Wrong(HELP);
                default -> new Wrong(HELP);
            };
        } catch (IllegalArgumentException noName) {
            return new Wrong(String.valueOf(noName.getMessage()));
        }
    }
}
