package dev.flotilla.mirror;

import java.util.Optional;
import picocli.CommandLine;

/** Where the program begins. */
public final class Main {
    private Main() {}

    /** Runs the command line and ends the process with its exit code: 0 as asked, 1 can't, 2 wrong usage. */
    public static void main(String[] arguments) {
        int code = commandLine().execute(arguments);
        System.out.flush();
        System.exit(code);
    }

    static CommandLine commandLine() {
        return new CommandLine(new MirrorCommand(version()))
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((wrong, given) -> {
                    var err = wrong.getCommandLine().getErr();
                    err.println("mirror: " + wrong.getMessage());
                    err.println("Try: mirror --help");
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((fault, command, parsed) -> {
                    command.getErr().println("mirror: a fault of this program: " + fault);
                    fault.printStackTrace(command.getErr());
                    return CommandLine.ExitCode.SOFTWARE;
                });
    }

    /** As the archive's manifest says; "development" where it runs from class files. */
    static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
