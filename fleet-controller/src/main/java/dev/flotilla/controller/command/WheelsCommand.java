package dev.flotilla.controller.command;

import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flotilla wheels}: what its verbs have in common is that they are about wheels that are built for the fleet's clients. */
@Command(
        name = "wheels",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "VERB",
        sortOptions = false,
        header = "Wheels that upstream lacks: planned, built, published.",
        description = {
            "",
            "What jobs would compile again and again is built once, on machines that 'wheels' in fleet.conf names, and served by all mirrors.",
            ""
        },
        commandListHeading = "%nVerbs:%n")
public final class WheelsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** The verb with its own verbs, in the order in which help lists them. */
    public static CommandLine with(List<Object> verbs) {
        var line = new CommandLine(new WheelsCommand());
        verbs.forEach(line::addSubcommand);
        return line;
    }

    /** What the fleet says of wheels; where it says nothing, the command ends. */
    static WheelsSettings settings(FleetConfiguration fleet) {
        return fleet.wheels()
                .orElseThrow(() -> new CommandFailure(fleet.file() + " says nothing of wheels: add wheels { … }"));
    }

    /** What {@code flotilla wheels plan} has written there; where it hasn't, the command ends. */
    static WantedWheels plan(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new CommandFailure("there is no " + file + ": write it with flotilla wheels plan --out " + file);
        }
        try {
            return WantedWheels.read(Files.readAllBytes(file));
        } catch (MalformedJsonException malformed) {
            throw new CommandFailure(file + " is no plan: " + malformed.getMessage());
        }
    }

    /** The platform of the fleet that is meant. */
    static PlatformSlug platform(String text, WheelsSettings settings) {
        return PlatformSlug.parse(text)
                .filter(settings.platforms()::containsKey)
                .orElseThrow(() -> new CommandFailure("fleet.conf has no platform " + text));
    }

    @Override
    public void run() {
        CommandLine line = spec.commandLine();
        line.usage(line.getOut());
    }
}
