package dev.flotilla.controller.destroy;

import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.provision.Uninstalling.Sight;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** What is installed on a fleet's machines, whatever the way to them. Safe for many threads. */
public interface Installed {
    /** Looks and changes nothing. */
    Sight look(Node node) throws IOException, InterruptedException;

    /** Removes it; present is why that wasn't done. */
    Optional<String> remove(Node node, Consumer<String> progress) throws IOException, InterruptedException;
}
