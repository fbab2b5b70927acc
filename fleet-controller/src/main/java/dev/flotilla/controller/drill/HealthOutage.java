package dev.flotilla.controller.drill;

import dev.flotilla.controller.dns.DnsDrains;
import dev.flotilla.controller.fleet.NodeId;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Health checks that say unhealthy whatever their nodes do: a drain through DNS. */
final class HealthOutage implements Outage {
    private final DnsDrains drains;
    private final List<NodeId> nodes;
    private final Set<NodeId> serving;

    /**
     * Of a fleet that is well.
     *
     * @param nodes the region's
     * @param serving all nodes of the fleet: a drill has found them serving before it begins, and brings back whoever it took away
     */
    HealthOutage(DnsDrains drains, List<NodeId> nodes, Set<NodeId> serving) {
        this.drains = drains;
        this.nodes = List.copyOf(nodes);
        this.serving = Set.copyOf(serving);
    }

    @Override
    public boolean showsInReadiness() {
        return false;
    }

    @Override
    public void begin() throws IOException, InterruptedException {
        done(drains.drain(nodes, serving));
    }

    @Override
    public void end() throws IOException, InterruptedException {
        done(drains.undrain(nodes, serving));
    }

    private static void done(DnsDrains.Outcome outcome) throws IOException {
        if (outcome instanceof DnsDrains.Outcome.Refused refused) {
            throw new IOException(refused.reason());
        }
    }
}
