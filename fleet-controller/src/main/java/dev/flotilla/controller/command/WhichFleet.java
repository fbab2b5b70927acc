package dev.flotilla.controller.command;

import dev.flotilla.controller.fleet.FleetConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of verbs that look at a fleet of machines or at a local one: which fleet is meant. */
final class WhichFleet {
    @Option(
            names = {"-C", "--config"},
            paramLabel = "FILE",
            description = "The fleet's configuration; default: ./fleet.conf, and where there is none, the local fleet"
                    + " that runs now.")
    private @Nullable Path file;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "The state folder of a local fleet that runs now (see flotilla local).")
    private @Nullable Path state;

    /** Opens a local fleet by its state folder; {@link IOException} has a message for people. */
    @FunctionalInterface
    interface OfLocalFleet<T> {
        T open(Path state) throws IOException;
    }

    /**
     * Opens the fleet that is meant.
     *
     * @param usualState the state folder of a local fleet that was started without naming one
     */
    <T> T open(Function<FleetConfiguration, T> ofMachines, OfLocalFleet<T> localFleet, Path usualState) {
        if (state != null) {
            return open(localFleet, state, "");
        }
        Path read = file == null ? Path.of("fleet.conf") : file;
        if (file == null && Files.notExists(read)) {
            return open(
                    localFleet,
                    usualState,
                    "there is no fleet.conf here (name the file with --config FILE, or begin with flotilla init), and ");
        }
        return ofMachines.apply(FleetFile.read(read));
    }

    private static <T> T open(OfLocalFleet<T> localFleet, Path state, String reason) {
        try {
            return localFleet.open(state);
        } catch (IOException notThere) {
            throw new CommandFailure(reason + notThere.getMessage(), notThere);
        }
    }
}
