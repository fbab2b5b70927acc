package dev.flotilla.controller.local;

import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.probe.Surroundings;
import dev.flotilla.controller.status.StatusSources;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Finds out from a state folder whom to ask about the local fleet in it. */
public final class LocalStatusSources {
    private LocalStatusSources() {}

    /**
     * Opens the sources of the fleet whose state is in {@code folder}.
     *
     * @throws IOException with a message for people, where no fleet runs there
     */
    public static StatusSources open(Path folder) throws IOException {
        return surroundings(folder).sources();
    }

    /** The same with what those need who use the fleet. */
    public static Surroundings surroundings(Path folder) throws IOException {
        Path state = folder.toAbsolutePath().normalize();
        RunFile run;
        try {
            run = RunFile.read(StateFolder.runFile(state));
        } catch (NoSuchFileException missing) {
            throw notRunning(state);
        } catch (MalformedJsonException damaged) {
            throw new IOException(StateFolder.runFile(state) + " is damaged: start the fleet again", damaged);
        }
        if (!run.command().isAlive()) {
            throw notRunning(state);
        }
        return switch (FleetConfiguration.load(StateFolder.fleetConfiguration(state))) {
            case Loading.Loaded<FleetConfiguration> loaded ->
                new Surroundings(
                        StatusSources.of(
                                loaded.value(), ControllerWork.provider(run.credentials()), Optional.of(run.dns())),
                        run.project(),
                        Optional.of(state));
            case Loading.Refused<FleetConfiguration> refused -> throw new IOException(refused.text());
        };
    }

    /** Where a local fleet keeps its state unless somebody says otherwise. */
    public static Path usualFolder() {
        return StateFolder.usual(System.getProperty("user.home"), System.getenv("XDG_STATE_HOME"));
    }

    private static IOException notRunning(Path state) {
        return new IOException("no local fleet runs in " + state + ": start one with flotilla local --state " + state);
    }
}
