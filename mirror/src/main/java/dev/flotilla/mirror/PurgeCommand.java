package dev.flotilla.mirror;

import dev.flotilla.mirror.configuration.ListenAddress;
import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.configuration.OperationsSettings;
import dev.flotilla.mirror.pages.PurgeScope;
import dev.flotilla.mirror.upstream.PurgeCall;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line's way to have pages of the running mirror purged. */
@Command(
        name = "purge",
        description = "Have the running mirror fetch pages anew when they are asked for next.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "The mirror's address and the file with the token (operations.purge-token-file)",
            "are those of the configuration. Exit codes: 0 purged, 1 not purged, 2 wrong",
            "use of this command."
        })
final class PurgeCommand implements Callable<Integer> {
    private static final int CANNOT = 1;

    /** Far more than a purge of everything takes. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @Spec
    private @Nullable CommandSpec specification;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            required = true,
            description = "The configuration of the running mirror.")
    private @Nullable Path configurationFile;

    @ArgGroup(multiplicity = "1")
    private final Scope scope = new Scope();

    @Option(
            names = "--hard",
            description =
                    "Delete the pages: while upstream fails they are unavailable. Without it the kept ones are served then.")
    private boolean hard;

    @Option(names = "--json", description = "Print the mirror's answer as it is.")
    private boolean json;

    /** Exactly one of these. */
    private static final class Scope {
        @Option(names = "--project", paramLabel = "NAME", description = "The page of this project.")
        private @Nullable String project;

        @Option(
                names = "--prefix",
                paramLabel = "BEGINNING",
                description = "The pages of all projects whose normal names begin so.")
        private @Nullable String prefix;

        @Option(names = "--all", description = "All pages, and the list of all projects.")
        private boolean all;

        PurgeScope parsed() {
            if (all) {
                return new PurgeScope.All();
            }
            return project != null
                    ? new PurgeScope.Project(ProjectName.of(project))
                    : new PurgeScope.Prefix(Objects.requireNonNull(prefix));
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        var command = commandLine();
        if (configurationFile == null) {
            throw new IllegalStateException("is required");
        }
        PurgeScope wanted;
        try {
            wanted = scope.parsed();
        } catch (IllegalArgumentException noName) {
            throw new CommandLine.ParameterException(command, String.valueOf(noName.getMessage()), noName);
        }
        return switch (MirrorConfiguration.load(configurationFile)) {
            case Loading.Refused<MirrorConfiguration> refused -> {
                command.getErr().println(refused.text());
                yield CANNOT;
            }
            case Loading.Loaded<MirrorConfiguration> loaded ->
                purge(wanted, loaded.value().operations());
        };
    }

    private int purge(PurgeScope wanted, OperationsSettings operations) throws InterruptedException {
        if (operations.purgeToken().isEmpty()) {
            return cannot("the configuration names no file with a token: operations.purge-token-file");
        }
        if (operations.address().port() == 0) {
            return cannot("operations.port is 0, so that only the running mirror knows where it listens");
        }
        var target = URI.create("http://" + reachable(operations.address()) + "/purge?" + query(wanted));
        try {
            return report(PurgeCall.send(target, operations.purgeToken().get().read(), PATIENCE));
        } catch (IOException unreachable) {
            return cannot("no answer from the mirror at http://" + reachable(operations.address()) + "/ (" + unreachable
                    + "): is it running?");
        }
    }

    private String query(PurgeScope wanted) {
        return switch (wanted) {
                    case PurgeScope.All() -> "all=true";
                    case PurgeScope.Prefix(String text) -> "prefix=" + text;
                    case PurgeScope.Project(ProjectName name) -> "project=" + name;
                }
                + (hard ? "&hard=true" : "");
    }

    /** Who listens on every address listens on loopback. */
    private static ListenAddress reachable(ListenAddress address) {
        return switch (address.host()) {
            case "0.0.0.0" -> new ListenAddress("127.0.0.1", address.port());
            case "::" -> new ListenAddress("::1", address.port());
            default -> address;
        };
    }

    private int report(PurgeCall.Answer answer) {
        boolean done = answer.status() == 200;
        boolean account = answer.text().startsWith("{");
        if (!account) {
            return cannot("the mirror refused (" + answer.status() + "): "
                    + answer.text().strip());
        }
        if (json) {
            commandLine().getOut().println(answer.text());
        } else {
            var purged = new JsonObject(answer.text());
            commandLine()
                    .getOut()
                    .println("purged " + purged.getString("purged") + ": " + purged.getInteger("pages-in-memory")
                            + " pages in memory, " + purged.getInteger("pages-on-disk") + " on disk, "
                            + purged.getInteger("failures-forgotten") + " remembered failures; "
                            + purged.getString("meaning"));
        }
        return done ? CommandLine.ExitCode.OK : CANNOT;
    }

    private int cannot(String reason) {
        commandLine().getErr().println("mirror: " + reason);
        return CANNOT;
    }

    private CommandLine commandLine() {
        if (specification == null) {
            throw new IllegalStateException("runs only as a command");
        }
        return specification.commandLine();
    }
}
