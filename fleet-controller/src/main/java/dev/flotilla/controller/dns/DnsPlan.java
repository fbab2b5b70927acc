package dev.flotilla.controller.dns;

import dev.flotilla.vocabulary.RegionName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What has to happen so that DNS is as the fleet wants it. Made by {@link FleetDns#plan}, done by {@link FleetDns#apply},
 * which fails as a whole where the zone has changed since.
 *
 * @param checksToCreate before the records
 * @param changes what others lead to first, deletions last
 * @param checksToDelete after the records
 * @param conflicts names that are left alone because something stands there that isn't ours, one line each
 * @param reach how many nodes clients are led to, region by region
 * @param records the fleet's own records once all of it is done, those that don't change included
 * @param marker what says whose the names are, as it stands there now
 */
public record DnsPlan(
        List<HealthCheckSettings> checksToCreate,
        List<Change> changes,
        List<HealthCheck> checksToDelete,
        List<String> conflicts,
        List<Reach> reach,
        List<RecordSet> records,
        Optional<RecordSet> marker) {

    /**
     * The nodes of one region that are in DNS.
     *
     * @param before how many are there now
     * @param leaving how many of them won't be afterwards
     */
    public record Reach(RegionName region, int before, int leaving) {}

    /** The outcome of planning. */
    public sealed interface Planning {
        record Planned(DnsPlan plan) implements Planning {}

        /** Nothing may be changed. */
        record Refused(String reason) implements Planning {}
    }

    public DnsPlan {
        checksToCreate = List.copyOf(checksToCreate);
        changes = List.copyOf(changes);
        checksToDelete = List.copyOf(checksToDelete);
        conflicts = List.copyOf(conflicts);
        reach = List.copyOf(reach);
        records = List.copyOf(records);
    }

    /** Whether it takes the place of records that aren't the fleet's. */
    boolean adopts() {
        return changes.stream()
                .anyMatch(change -> change instanceof Change.Delete delete
                        && delete.records().identifier().isEmpty());
    }

    public boolean isEmpty() {
        return checksToCreate.isEmpty() && changes.isEmpty() && checksToDelete.isEmpty();
    }

    /** The plan for people, one line for each step. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>(changeLines());
        conflicts.forEach(conflict -> lines.add("! " + conflict));
        return lines;
    }

    /** What changes inside records that are replaced, by their lines among {@link #changeLines}. */
    public Map<String, List<String>> differences() {
        Map<String, List<String>> differences = new HashMap<>();
        for (Change change : changes) {
            if (change instanceof Change.Replace replace) {
                differences.put(change.line(), List.of("-" + replace.before(), "+" + replace.records()));
            }
        }
        return differences;
    }

    /** The steps alone, each led by {@code +}, {@code ~} or {@code -}. */
    public List<String> changeLines() {
        List<String> lines = new ArrayList<>();
        checksToCreate.forEach(check -> lines.add("+ check " + check.line()));
        changes.forEach(change -> lines.add(change.line()));
        checksToDelete.forEach(check -> lines.add("- check " + check.id()));
        return lines;
    }
}
