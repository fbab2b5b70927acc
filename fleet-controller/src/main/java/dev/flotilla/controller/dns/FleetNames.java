package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is a fleet's in its zone, and how all of it goes. Killed anywhere, a second run completes what the first began. For one thread at a time. */
public final class FleetNames {
    private final FleetConfiguration fleet;
    private final DnsSettings dns;
    private final Zone zone;
    private final FleetDns keeper;

    FleetNames(FleetConfiguration fleet, DnsSettings dns, Zone zone, FleetDns keeper) {
        this.fleet = fleet;
        this.dns = dns;
        this.zone = zone;
        this.keeper = keeper;
    }

    /**
     * All that is the fleet's.
     *
     * @param lines records, the marker and checks, one line each
     * @param foreign what stands at the fleet's names and isn't the fleet's, or can't be deleted from here
     * @param refused why nothing may be deleted, where that is so
     */
    public record Belongings(List<String> lines, List<String> foreign, Optional<String> refused) {
        public static final Belongings NONE = new Belongings(List.of(), List.of(), Optional.empty());

        public Belongings {
            lines = List.copyOf(lines);
            foreign = List.copyOf(foreign);
        }

        public boolean isEmpty() {
            return lines.isEmpty();
        }
    }

    /** What came of {@link #remove}. */
    public sealed interface Removal {
        record Done() implements Removal {}

        /** Something is still there. */
        record Not(String reason) implements Removal {}

        /** The fleet's lock isn't this controller's any more. */
        record Fenced(String reason) implements Removal {}
    }

    /** Looks for all that is the fleet's. Changes nothing. */
    public Belongings belongings() throws IOException, InterruptedException {
        DnsPlanner planner = keeper.planner();
        return switch (planner.removal()) {
            case DnsPlan.Planning.Refused refused ->
                new Belongings(List.of(), List.of(), Optional.of(refused.reason()));
            case DnsPlan.Planning.Planned planned -> {
                DnsPlan plan = planned.plan();
                List<String> lines = new ArrayList<>(plan.changeLines());
                plan.marker().ifPresent(marker -> lines.add(new Change.Delete(marker).line()));
                List<String> foreign = new ArrayList<>(
                        planner.others().stream().map(RecordSet::toString).toList());
                foreign.addAll(plan.conflicts());
                yield new Belongings(lines, foreign, Optional.empty());
            }
        };
    }

    /** Deletes all that is the fleet's: names, from what clients ask down to the leaves; then the checks; the marker last. */
    public Removal remove() throws IOException, InterruptedException {
        String reason = "";
        for (int attempt = 0; attempt < FleetDns.MOST_TRIES; attempt++) {
            DnsPlan plan;
            switch (keeper.planner().removal()) {
                case DnsPlan.Planning.Refused refused -> {
                    return new Removal.Not(refused.reason());
                }
                case DnsPlan.Planning.Planned planned -> plan = planned.plan();
            }
            if (!plan.conflicts().isEmpty()) {
                return new Removal.Not(String.join("; ", plan.conflicts()));
            }
            switch (keeper.apply(plan)) {
                case FleetDns.Outcome.Unchanged ignored -> {}
                case FleetDns.Outcome.Applied ignored -> {}
                case FleetDns.Outcome.Refused refused -> {
                    return new Removal.Not(refused.reason());
                }
                case FleetDns.Outcome.Fenced fenced -> {
                    return new Removal.Fenced(fenced.reason());
                }
                case FleetDns.Outcome.Overtaken overtaken -> {
                    reason = overtaken.reason();
                    continue;
                }
            }
            Optional<RecordSet> marker = Marker.find(dns.name(), zone.recordSets(dns.name()));
            if (marker.isEmpty()) {
                return new Removal.Done();
            }
            Optional<String> lost = keeper.lost(marker);
            if (lost.isPresent()) {
                return new Removal.Fenced(lost.get());
            }
            switch (zone.change(List.of(new Change.Delete(marker.get())), "fleet " + fleet.name() + " is destroyed")) {
                case Zone.Submission.Refused refused -> reason = refused.reason();
                case Zone.Submission.Accepted accepted -> {
                    var _ = keeper.awaitSync(accepted.changeId());
                    return new Removal.Done();
                }
            }
        }
        return new Removal.Not("somebody else changes the zone: " + reason);
    }
}
