package dev.flotilla.controller.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flotilla drill}: proves beforehand that clients leave a dead region. */
@Command(
        name = "drill",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "VERB",
        sortOptions = false,
        header = "Takes a region out on purpose, watches as clients would, and brings it back.",
        description = {
            "",
            "What a drill has to undo is written into the bucket before it does anything: one that is killed is undone by the next,"
                    + " or by flotilla drill restore.",
            ""
        },
        commandListHeading = "%nVerbs:%n")
public final class DrillCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** The verb with its own verbs, in the order in which help lists them. */
    public static CommandLine with(List<Object> verbs) {
        var line = new CommandLine(new DrillCommand());
        verbs.forEach(line::addSubcommand);
        return line;
    }

    @Override
    public void run() {
        CommandLine line = spec.commandLine();
        line.usage(line.getOut());
    }
}
