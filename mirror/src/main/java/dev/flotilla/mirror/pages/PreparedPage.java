package dev.flotilla.mirror.pages;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The representations of one page that have been prepared: all of a project's page, some of the root list's. */
record PreparedPage(Map<Variant, PreparedBody> bodies) {
    PreparedPage {
        bodies = Map.copyOf(bodies);
    }

    Optional<PreparedBody> body(Variant variant) {
        return Optional.ofNullable(bodies.get(variant));
    }

    Set<Variant> variants() {
        return bodies.keySet();
    }

    /** Lends every representation, unless the memory of one is gone. */
    boolean lend() {
        List<PreparedBody> lent = new ArrayList<>();
        for (var body : bodies.values()) {
            if (!body.lend()) {
                lent.forEach(PreparedBody::release);
                return false;
            }
            lent.add(body);
        }
        return true;
    }

    /** Gives every representation back. */
    void release() {
        bodies.values().forEach(PreparedBody::release);
    }

    long bytes() {
        return bodies.values().stream().mapToLong(PreparedBody::length).sum();
    }
}
