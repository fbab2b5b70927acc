package dev.flotilla.controller.plan;

import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import java.util.Collection;
import java.util.Map;

/** What nodes are doing now, asked from here. */
@FunctionalInterface
public interface NodesNow {
    /** Asks all of them at the same time; every one has an answer. */
    Map<NodeId, Standing> ask(Collection<Node> nodes) throws InterruptedException;

    /** What one of them is doing. */
    sealed interface Standing {
        /** It answers clients. */
        record Serving() implements Standing {}

        record NotServing(String reason) implements Standing {}

        /** It doesn't answer clients, and won't try this release again: only another one helps. */
        record Refused(long release, String reason) implements Standing {}

        /** Its release failed there, and it has gone back to the one before, or has none. */
        record Reverted(long release, String reason) implements Standing {}
    }
}
