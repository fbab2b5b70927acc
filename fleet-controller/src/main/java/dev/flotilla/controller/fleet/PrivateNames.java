package dev.flotilla.controller.fleet;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.flotilla.vocabulary.NamePattern;
import dev.flotilla.vocabulary.ProjectName;
import java.util.List;

/** The names of projects that some mirror of a fleet never asks a public index for ({@code mirror.policy.private-names}). */
public record PrivateNames(List<NamePattern> patterns) {
    private static final String KEY = "flotilla.mirror.policy.private-names";

    public PrivateNames {
        patterns = List.copyOf(patterns);
    }

    /** Those of all nodes; {@link IllegalArgumentException} where one is no pattern. */
    public static PrivateNames of(FleetConfiguration fleet) {
        return new PrivateNames(fleet.nodes().stream()
                .map(node -> ConfigFactory.parseString(node.mirrorConfiguration()))
                .flatMap(mirror -> texts(mirror).stream())
                .distinct()
                .map(NamePattern::new)
                .toList());
    }

    private static List<String> texts(Config mirror) {
        return mirror.hasPath(KEY) ? mirror.getStringList(KEY) : List.of();
    }

    public boolean have(ProjectName project) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(project));
    }
}
