package dev.flotilla.controller.command;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.settings.Loading;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The option that names a {@code fleet.conf}, before or after the second word of a verb that has one. */
final class FleetFile {
    @Option(
            names = {"-C", "--config"},
            paramLabel = "FILE",
            defaultValue = "fleet.conf",
            scope = ScopeType.INHERIT,
            description = "The fleet's configuration; default: ./${DEFAULT-VALUE}.")
    private Path file = Path.of("fleet.conf");

    /** Reads the file; what is wrong with it ends the command. */
    FleetConfiguration read() {
        return read(file);
    }

    static FleetConfiguration read(Path file) {
        if (!Files.exists(file)) {
            throw new CommandFailure(
                    "there is no " + file + ": name the file with --config FILE, or begin a fleet with flotilla init");
        }
        return switch (FleetConfiguration.load(file)) {
            case Loading.Loaded<FleetConfiguration> loaded -> loaded.value();
            case Loading.Refused<FleetConfiguration> refused -> {
                int count = refused.problems().size();
                throw new CommandFailure(
                        (count == 1 ? "one problem in " : count + " problems in ") + file + ":\n" + refused.text());
            }
        };
    }
}
