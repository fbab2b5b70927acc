package dev.flotilla.controller.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flotilla rollout}: what its verbs have in common is that they are about a release that is under way. */
@Command(
        name = "rollout",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "VERB",
        sortOptions = false,
        header = "Shows how far a release has come, and holds it back.",
        description = {
            "",
            "Releases go through a fleet in waves, as 'rollout' in fleet.conf says; every node finds out by itself whether its"
                    + " turn has come. flotilla publish --plan shows beforehand which node would go when.",
            ""
        },
        commandListHeading = "%nVerbs:%n")
public final class RolloutCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** The verb with its own verbs, in the order in which help lists them. */
    public static CommandLine with(List<Object> verbs) {
        var line = new CommandLine(new RolloutCommand());
        verbs.forEach(line::addSubcommand);
        return line;
    }

    @Override
    public void run() {
        CommandLine line = spec.commandLine();
        line.usage(line.getOut());
    }
}
