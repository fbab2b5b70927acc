package dev.flotilla.controller.drill;

import dev.flotilla.controller.fleet.Node;
import java.io.IOException;

/** Kills mirrors, where that is allowed. Thread-safe. */
@FunctionalInterface
public interface MirrorKiller {
    /** Ends a node's mirror without a warning (SIGKILL), if this process is one. {@link IOException} where nobody knows whether it has. */
    void kill(Node node, long pid) throws IOException, InterruptedException;
}
