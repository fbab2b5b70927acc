package dev.flotilla.controller;

import dev.flotilla.agent.bucket.UsualCredentials;
import dev.flotilla.controller.command.ApplyCommand;
import dev.flotilla.controller.command.AuditCommand;
import dev.flotilla.controller.command.CertificatesCommand;
import dev.flotilla.controller.command.CertificatesRenewCommand;
import dev.flotilla.controller.command.CertificatesStatusCommand;
import dev.flotilla.controller.command.ClientConfigCommand;
import dev.flotilla.controller.command.DestroyCommand;
import dev.flotilla.controller.command.DoctorCommand;
import dev.flotilla.controller.command.DrainCommand;
import dev.flotilla.controller.command.DrillCommand;
import dev.flotilla.controller.command.DrillFailoverCommand;
import dev.flotilla.controller.command.DrillHistoryCommand;
import dev.flotilla.controller.command.DrillRestoreCommand;
import dev.flotilla.controller.command.FlotillaCommand;
import dev.flotilla.controller.command.HostKeyCommand;
import dev.flotilla.controller.command.IamCommand;
import dev.flotilla.controller.command.InitCommand;
import dev.flotilla.controller.command.KeysCommand;
import dev.flotilla.controller.command.LockCommand;
import dev.flotilla.controller.command.LogsCommand;
import dev.flotilla.controller.command.NodeConfigCommand;
import dev.flotilla.controller.command.PlanCommand;
import dev.flotilla.controller.command.ProbeCommand;
import dev.flotilla.controller.command.ProvisionCommand;
import dev.flotilla.controller.command.PublishCommand;
import dev.flotilla.controller.command.PurgeCommand;
import dev.flotilla.controller.command.RolloutCommand;
import dev.flotilla.controller.command.RolloutStatusCommand;
import dev.flotilla.controller.command.RolloutWishCommand;
import dev.flotilla.controller.command.RunCommand;
import dev.flotilla.controller.command.SignCommand;
import dev.flotilla.controller.command.SimulateCommand;
import dev.flotilla.controller.command.StatusCommand;
import dev.flotilla.controller.command.UndrainCommand;
import dev.flotilla.controller.command.WheelsBuildCommand;
import dev.flotilla.controller.command.WheelsCleanCommand;
import dev.flotilla.controller.command.WheelsCommand;
import dev.flotilla.controller.command.WheelsPlanCommand;
import dev.flotilla.controller.command.WheelsPublishCommand;
import dev.flotilla.controller.command.WheelsStatusCommand;
import dev.flotilla.controller.command.Workplace;
import dev.flotilla.controller.local.LocalCommand;
import dev.flotilla.controller.local.LocalMirrors;
import dev.flotilla.controller.local.LocalStatusSources;
import java.io.Console;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** Where the program begins, and the list of what it can do. */
public final class Main {
    private static final int USUAL_COLUMNS = 80;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine(System.getenv(), System.console()).execute(arguments));
    }

    private static CommandLine commandLine(Map<String, String> environment, @Nullable Console console) {
        Clock clock = Clock.systemUTC();
        Supplier<AwsCredentialsProvider> credentials = UsualCredentials::new;
        Path programs = Path.of(System.getProperty("flotilla.home", ".")).resolve("programs");
        var workplace = new Workplace(
                clock, credentials, programs, actor(environment), environment, columns(environment, console));
        return FlotillaCommand.with(List.of(
                new LocalCommand(clock),
                new InitCommand(new SecureRandom()),
                new PlanCommand(workplace),
                new ApplyCommand(workplace, question -> ask(console, question)),
                new PublishCommand(clock, credentials, programs, actor(environment)),
                WheelsCommand.with(List.of(
                        new WheelsPlanCommand(workplace),
                        new WheelsBuildCommand(clock, environment),
                        new WheelsPublishCommand(clock, credentials, actor(environment)),
                        new WheelsStatusCommand(clock, credentials),
                        new WheelsCleanCommand(clock, credentials, actor(environment)))),
                CertificatesCommand.with(
                        List.of(new CertificatesStatusCommand(clock), new CertificatesRenewCommand(workplace))),
                RolloutCommand.with(List.of(
                        new RolloutStatusCommand(clock, credentials),
                        new RolloutWishCommand.Pause(clock, credentials, actor(environment)),
                        new RolloutWishCommand.Resume(clock, credentials, actor(environment)),
                        new RolloutWishCommand.Abort(clock, credentials, actor(environment)))),
                new DrainCommand(clock, credentials, actor(environment)),
                new UndrainCommand(clock, credentials, actor(environment)),
                new PurgeCommand(clock, credentials, actor(environment)),
                new AuditCommand(credentials),
                new ClientConfigCommand(),
                new IamCommand(),
                new NodeConfigCommand(),
                new LockCommand(clock, credentials, actor(environment)),
                new KeysCommand(clock, new SecureRandom()),
                new SignCommand(),
                new StatusCommand(
                        clock,
                        credentials,
                        LocalStatusSources::open,
                        LocalStatusSources.usualFolder(),
                        hasColours(environment, console)),
                new SimulateCommand(credentials),
                new DoctorCommand(clock, credentials, actor(environment), environment),
                new ProbeCommand(
                        clock, credentials, LocalStatusSources::surroundings, LocalStatusSources.usualFolder()),
                DrillCommand.with(List.of(
                        new DrillFailoverCommand(
                                workplace,
                                LocalStatusSources::surroundings,
                                LocalStatusSources.usualFolder(),
                                LocalMirrors::new,
                                question -> ask(console, question)),
                        new DrillRestoreCommand(
                                workplace, LocalStatusSources::surroundings, LocalStatusSources.usualFolder()),
                        new DrillHistoryCommand(
                                workplace, LocalStatusSources::surroundings, LocalStatusSources.usualFolder()))),
                new ProvisionCommand(workplace, question -> ask(console, question)),
                new LogsCommand(clock, environment),
                new RunCommand(environment),
                new HostKeyCommand(environment),
                new DestroyCommand(
                        clock, credentials, actor(environment), environment, question -> ask(console, question))));
    }

    /** Colours are for terminals, and for people who haven't said that they don't want them (no-color.org). */
    private static boolean hasColours(Map<String, String> environment, @Nullable Console console) {
        return console != null
                && console.isTerminal()
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    }

    /** How wide the terminal is, as far as it says so; absent where there is none that rewrites lines. */
    private static Optional<Integer> columns(Map<String, String> environment, @Nullable Console console) {
        String written = environment.getOrDefault("COLUMNS", "");
        return console != null
                        && console.isTerminal()
                        && !environment.getOrDefault("TERM", "dumb").equals("dumb")
                ? Optional.of(written.matches("[0-9]{2,4}") ? Integer.parseInt(written) : USUAL_COLUMNS)
                : Optional.empty();
    }

    /** Asks whoever sits at the terminal; a pipe is nobody. */
    private static Optional<String> ask(@Nullable Console console, String question) {
        return console == null || !console.isTerminal()
                ? Optional.empty()
                : Optional.ofNullable(console.readLine("%s", question));
    }

    private static String actor(Map<String, String> environment) {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            host = "unnamed-host";
        }
        return environment.getOrDefault("USER", System.getProperty("user.name")) + "@" + host;
    }
}
