package dev.flotilla.controller.publish;

import dev.flotilla.controller.fleet.FleetConfiguration;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The archives of the programs that a release brings.
 *
 * @param agent absent where nodes keep the agents that they have
 */
public record Programs(Path mirror, Optional<Path> agent) {
    /** What {@code fleet.conf} names, else what lies in a folder, as it comes with the controller. */
    public static Programs of(FleetConfiguration fleet, Path folder) {
        Path shipped = folder.resolve("flotilla-agent.tar.gz");
        return new Programs(
                fleet.program().orElseGet(() -> folder.resolve("flotilla-mirror.tar.gz")),
                fleet.agent().or(() -> Optional.of(shipped).filter(Files::exists)));
    }

    /** What to do about one that isn't there. */
    String without(NoSuchFileException missing, Path fleetFile) {
        boolean isAgent = agent.map(Path::toString).equals(Optional.ofNullable(missing.getFile()));
        return "there is no " + (isAgent ? "agent " : "mirror ") + "program " + missing.getFile()
                + ": build the archive, or name another with '" + (isAgent ? "agent" : "program") + "' in " + fleetFile;
    }
}
