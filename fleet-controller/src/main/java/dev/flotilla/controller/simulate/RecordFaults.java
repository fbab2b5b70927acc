package dev.flotilla.controller.simulate;

import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.RecordSet.Content;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with records whatever is up or down: aliases to nothing or in a circle, and health that isn't looked at. */
final class RecordFaults {
    private final List<RecordSet> records;

    RecordFaults(List<RecordSet> records) {
        this.records = records;
    }

    List<Finding> find() {
        List<Finding> faults = new ArrayList<>();
        for (RecordSet set : records) {
            String place = set.name() + " " + set.type();
            switch (set.content()) {
                case Content.Values ignored -> {
                    if (set.check().isEmpty()) {
                        faults.add(new Finding.Broken(
                                "unchecked",
                                place + " has an address without a health check: it is answered dead or alive"));
                    }
                }
                case Content.Alias alias -> {
                    if (targets(set).isEmpty()) {
                        faults.add(new Finding.Broken(
                                "dangling", place + " is an alias of " + alias.target() + ", where there is nothing"));
                    } else if (returns(set, set, new HashSet<>())) {
                        faults.add(new Finding.Broken("circle", place + " is an alias that leads back to itself"));
                    }
                    if (!alias.evaluateTargetHealth()) {
                        faults.add(new Finding.Broken(
                                "unevaluated",
                                place + " leads to " + alias.target() + " whether anything is healthy there or not"));
                    }
                }
                case Content.Other other ->
                    faults.add(
                            new Finding.Broken("foreign", place + " leads out of the fleet: " + other.description()));
            }
        }
        return faults;
    }

    private List<RecordSet> targets(RecordSet set) {
        return set.content() instanceof Content.Alias alias
                ? records.stream()
                        .filter(other -> other.name().equals(alias.target())
                                && other.type().equals(set.type()))
                        .toList()
                : List.of();
    }

    private boolean returns(RecordSet start, RecordSet here, Set<RecordSet> passed) {
        return targets(here).stream()
                .anyMatch(
                        next -> (next.name().equals(start.name()) && next.type().equals(start.type()))
                                || (passed.add(next) && returns(start, next, passed)));
    }
}
