package dev.flotilla.mirror.simple;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A project's status marker, handed on as upstream says it: {@code active}, {@code archived}, {@code quarantined},
 * {@code deprecated} or one not yet known, with a reason for people (PEP 792). Immutable.
 */
public record ProjectStatus(String status, Optional<String> reason, SortedMap<String, JsonText> unknown) {
    public ProjectStatus {
        if (status.isEmpty() || !Texts.isLine(status)) {
            throw new IllegalArgumentException("no project status: '" + Texts.shown(status) + "'");
        }
        if (reason.isPresent() && !Texts.isProse(reason.get())) {
            throw new IllegalArgumentException("no reason for a status: '" + Texts.shown(reason.get()) + "'");
        }
        if (unknown.containsKey("status") || unknown.containsKey("reason")) {
            throw new IllegalArgumentException("keys of a status that are known: " + unknown.keySet());
        }
        unknown = Collections.unmodifiableSortedMap(new TreeMap<>(unknown));
    }

    /** A status without more. */
    public static ProjectStatus of(String status) {
        return new ProjectStatus(status, Optional.empty(), Collections.emptySortedMap());
    }

    /** Whether no file of the project may be offered. */
    public boolean quarantined() {
        return status.equals("quarantined");
    }
}
