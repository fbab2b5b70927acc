package dev.flotilla.mirror.pages;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The representations of one page that have been prepared: of a project's page the usual ones, but for the moment after it came first, and others that somebody
 * has asked for; of the root list some.
 */
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

    /** This page and {@code more}, whose lease it takes over; those here are lent to it. */
    PreparedPage with(PreparedPage more) {
        if (!lend()) {
            more.release();
            throw new IllegalStateException("a page that is lent is gone");
        }
        var all = new HashMap<>(bodies);
        all.putAll(more.bodies);
        return new PreparedPage(all);
    }

    /** These representations of it alone; the others are given back. */
    PreparedPage only(Set<Variant> wanted) {
        var left = new HashMap<>(bodies);
        left.keySet().retainAll(wanted);
        bodies.forEach((variant, body) -> {
            if (!wanted.contains(variant)) {
                body.release();
            }
        });
        return new PreparedPage(left);
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
