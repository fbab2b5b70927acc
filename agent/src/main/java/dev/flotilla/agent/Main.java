package dev.flotilla.agent;

import dev.flotilla.agent.tuf.TufCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Where the program begins. */
@Command(
        name = "agent",
        description = "Keeps a node on the release that its fleet publishes.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:ended as asked; once, status: the node is healthy; verify: nothing is refused",
            "1:could not start; once, status: the node is degraded; verify: a release is refused",
            "2:wrong usage",
            "10:run: another agent is to run in place of this one; start it again"
        },
        subcommands = {
            RunCommand.class,
            OnceCommand.class,
            VerifyCommand.class,
            CheckCommand.class,
            StatusCommand.class,
            DrainCommand.class,
            UndrainCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            TufCommand.class
        })
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    static int execute(String... arguments) {
        var commands = new CommandLine(new Main());
        commands.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof StartFailure) {
                command.getErr().println("agent: " + failure.getMessage());
                return 1;
            }
            throw failure;
        });
        return commands.execute(arguments);
    }
}
