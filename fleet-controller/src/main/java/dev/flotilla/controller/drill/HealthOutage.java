package dev.flotilla.controller.drill;

import dev.flotilla.controller.dns.DnsDrains;
import dev.flotilla.controller.fleet.NodeId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Health checks that say unhealthy whatever their nodes do: a drain through DNS. What somebody else holds it neither takes nor releases. */
final class HealthOutage implements Outage {
    private final DnsDrains drains;
    private final List<NodeId> nodes;
    private final Set<NodeId> serving;
    private Optional<SortedMap<NodeId, Long>> own;

    /**
     * Of a fleet that is well.
     *
     * @param nodes the region's
     * @param own what a drill that is over had written down to hold; absent where nothing is written down, and then it holds all that are held
     * @param serving all nodes of the fleet: a drill has found them serving before it begins, and brings back whoever it took away
     */
    HealthOutage(DnsDrains drains, List<NodeId> nodes, Optional<SortedMap<NodeId, Long>> own, Set<NodeId> serving) {
        this.drains = drains;
        this.nodes = List.copyOf(nodes);
        this.own = own;
        this.serving = Set.copyOf(serving);
    }

    @Override
    public boolean showsInReadiness() {
        return false;
    }

    @Override
    public DrillRecord prepare(DrillRecord record) throws IOException, InterruptedException {
        SortedMap<NodeId, Long> free = drains.free(nodes);
        own = Optional.of(free);
        return record.holding(free);
    }

    @Override
    public void begin() throws IOException, InterruptedException {
        SortedMap<NodeId, Long> free = own.orElseThrow();
        DnsDrains.Outcome outcome = drains.drain(free, serving);
        if (outcome instanceof DnsDrains.Outcome.Refused refused) {
            var held = new TreeMap<>(free);
            held.keySet().retainAll(refused.changed());
            own = Optional.of(held);
        }
        done(outcome);
    }

    @Override
    public void end() throws IOException, InterruptedException {
        done(own.isPresent() ? drains.undrain(own.get(), serving) : drains.undrain(nodes, serving));
    }

    private static void done(DnsDrains.Outcome outcome) throws IOException {
        if (outcome instanceof DnsDrains.Outcome.Refused refused) {
            throw new IOException(refused.reason());
        }
    }
}
