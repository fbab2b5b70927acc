package dev.flotilla.controller.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code flotilla} command itself: without a verb it says what there is. */
@Command(
        name = "flotilla",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "VERB",
        sortOptions = false,
        description = {
            "A fleet of Python package mirrors: published, watched and kept in DNS from one file, fleet.conf.",
            ""
        },
        commandListHeading = "%nVerbs:%n",
        footer = {
            "",
            "To begin with:",
            "  flotilla local               a whole fleet in small on this machine",
            "  flotilla init my-fleet       a fleet.conf and keys for a fleet of your own",
            "  flotilla VERB --help         what a verb does, with examples",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:not done; the message says why and what to do",
            "2:wrong usage",
            "4:another controller changes the fleet now"
        })
public final class FlotillaCommand implements Runnable {
    /** Set to anything, it makes a failure that nobody thought of show where it came from. */
    private static final String TRACE = "flotilla.trace";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** The command line with these verbs, in the order in which help lists them. */
    public static CommandLine with(List<Object> verbs) {
        var line = new CommandLine(new FlotillaCommand());
        verbs.forEach(line::addSubcommand);
        line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler((failure, arguments) -> usageError(failure));
        line.setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command));
        line.setUsageHelpAutoWidth(true);
        line.setAbbreviatedOptionsAllowed(false);
        return line;
    }

    private static int usageError(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        PrintWriter error = command.getErr();
        String message = String.valueOf(failure.getMessage()).replaceFirst("^Error: ", "");
        boolean noSuchVerb = failure instanceof UnmatchedArgumentException unmatched
                && command.getParent() == null
                && !unmatched.isUnknownOption();
        error.println("flotilla: " + (noSuchVerb ? message.replaceFirst(".*: ", "there is no verb ") : message));
        UnmatchedArgumentException.printSuggestions(failure, error);
        error.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static int failed(Exception failure, CommandLine command) {
        PrintWriter error = command.getErr();
        if (failure instanceof CommandFailure || failure instanceof IOException) {
            error.println("flotilla: " + failure.getMessage());
        } else {
            error.println("flotilla: a mistake in the program itself: " + failure);
        }
        if (System.getProperty(TRACE) != null) {
            failure.printStackTrace(error);
        } else if (!(failure instanceof CommandFailure)) {
            error.println("To see where it happened: FLOTILLA_JAVA_OPTIONS=-D" + TRACE + " "
                    + command.getCommandSpec().qualifiedName() + " ...");
        }
        return failure instanceof CommandFailure known ? known.exitCode() : CommandFailure.FAILED;
    }
}
