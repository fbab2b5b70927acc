package dev.flotilla.mirror;

import dev.flotilla.mirror.configuration.Keeper;
import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line of the mirror. */
@Command(
        name = "mirror",
        description = "Serves Python packages close to those who install them: a verified cache of a package index.",
        mixinStandardHelpOptions = true,
        versionProvider = MirrorCommand.Version.class,
        subcommands = PurgeCommand.class,
        sortOptions = false,
        footerHeading = "%nA configuration to begin with:%n%n",
        footer = {
            "  flotilla.mirror {",
            "    region = east, node = east-1",
            "    listen { host = 127.0.0.1, port = 8080 }",
            "    operations { host = 127.0.0.1, port = 8081 }",
            "    store { path = /var/lib/flotilla/mirror, budget = 50 GiB }",
            "  }",
            "",
            "It follows PyPI; another index goes in as",
            "  upstreams = [ { name = ours, index = \"https://packages.example.org/simple/\" } ]",
            "",
            "Then:",
            "  mirror check mirror.conf",
            "  mirror --config mirror.conf",
            "  pip install --index-url http://127.0.0.1:8080/simple/ <package>",
            "",
            "The page for people is at http://127.0.0.1:8080/. SIGTERM ends the program",
            "once running answers are done, ten seconds at most. Without a gap it is replaced by",
            "  mirror --config mirror.conf --take-over",
            "",
            "Exit codes: 0 ended as asked, 1 wrong configuration or unable to start,",
            "2 wrong use of this command, 3 nobody to take over from: the port is another",
            "program's, or that of a mirror with another store."
        })
final class MirrorCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorCommand.class);
    private static final int CANNOT = 1;

    /** Tells an agent that it has to end the mirror before this one itself. */
    private static final int NOBODY_TO_TAKE_OVER_FROM = 3;

    private final String version;

    @Spec
    private @Nullable CommandSpec specification;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Run with this configuration (HOCON, everything below flotilla.mirror).")
    private @Nullable Path configurationFile;

    @Option(
            names = "--until-stdin-closes",
            description = "End as on SIGTERM when standard input closes: for whoever starts the mirror as a child.")
    private boolean untilStandardInputCloses;

    @Option(
            names = "--take-over",
            description =
                    "Serve in place of the mirror that serves this store now. It ends once this one serves and its own"
                            + " connections have ended; no request is lost. Without such a mirror: as always.")
    private boolean takeOver;

    @Option(
            names = "--on-trial",
            description = "With --take-over: the other one stays, and serves again if this one ends before it.")
    private boolean onTrial;

    MirrorCommand(String version) {
        this.version = version;
    }

    /** Says which version this is. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"flotilla mirror " + Main.version()};
        }
    }

    @Override
    public Integer call() {
        if (configurationFile == null) {
            throw new CommandLine.ParameterException(
                    commandLine(), "Say which configuration: mirror --config FILE, or mirror check FILE.");
        }
        if (onTrial && !takeOver) {
            throw new CommandLine.ParameterException(commandLine(), "--on-trial goes with --take-over alone.");
        }
        return switch (MirrorConfiguration.load(configurationFile)) {
            case Loading.Refused<MirrorConfiguration> refused -> {
                commandLine().getErr().println(refused.text());
                yield CANNOT;
            }
            case Loading.Loaded<MirrorConfiguration> loaded -> run(loaded.value());
        };
    }

    @Command(
            name = "check",
            description = "Judge a configuration: say that it is right, or list every problem with file and line.",
            mixinStandardHelpOptions = true)
    int check(@Parameters(paramLabel = "FILE", description = "The configuration.") Path file) {
        return switch (MirrorConfiguration.load(file)) {
            case Loading.Refused<MirrorConfiguration> refused -> {
                commandLine().getErr().println(refused.text());
                yield CANNOT;
            }
            case Loading.Loaded<MirrorConfiguration> loaded -> {
                var configuration = loaded.value();
                out().println(file + " is right: node " + configuration.node() + " of region " + configuration.region()
                        + ", clients at " + configuration.listen() + ", operations at "
                        + configuration.operations().address());
                yield CommandLine.ExitCode.OK;
            }
        };
    }

    @Command(
            name = "rehearse",
            description = "Start in a folder of its own, on free ports and without an index, answer a few requests, and"
                    + " end: what make-start-cache has Java remember.",
            mixinStandardHelpOptions = true)
    int rehearse(
            @Parameters(paramLabel = "FOLDER", description = "Where to; nothing of it is needed afterwards.")
                    Path folder)
            throws Exception {
        Mirror mirror = StartRehearsal.in(folder, version);
        end(mirror, "the rehearsal is over");
        return CommandLine.ExitCode.OK;
    }

    private int run(MirrorConfiguration configuration) {
        var over = new CountDownLatch(1);
        var started = new CompletableFuture<Mirror>();
        // A signal runs this hook and would end the process with the signal's own code: it ended as asked, so 0. There
        // before
        // anybody is connected, whom a signal could cut off.
        var onSignal = new Thread(
                () -> started.thenAccept(running -> end(running, "signal"))
                        .exceptionally(neverStarted -> null)
                        .join(),
                "signal");
        Mirror mirror;
        try {
            mirror = Mirror.start(
                    configuration,
                    InstantSource.system(),
                    version,
                    new Mirror.Succession(
                            succession(), () -> Runtime.getRuntime().addShutdownHook(onSignal), over::countDown),
                    Keeper.in(System.getenv()));
            started.complete(mirror);
        } catch (Mirror.StartException refused) {
            commandLine().getErr().println("mirror: " + refused.getMessage());
            return takeOver && refused.isPlaceTaken() ? NOBODY_TO_TAKE_OVER_FROM : CANNOT;
        } finally {
            started.cancel(false);
        }
        if (untilStandardInputCloses) {
            Thread.ofPlatform().daemon().name("standard-input").start(() -> {
                drain(System.in);
                mirror.hurry();
                over.countDown();
            });
        }
        try {
            over.await();
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
        end(mirror, mirror.isHandedOver() ? "another mirror has taken over" : "standard input closed");
        return CommandLine.ExitCode.OK;
    }

    private Mirror.Succession.Way succession() {
        if (!takeOver) {
            return Mirror.Succession.Way.ALONE;
        }
        return onTrial ? Mirror.Succession.Way.ON_TRIAL : Mirror.Succession.Way.TAKE_OVER;
    }

    /** Ends the process here and now, so that no other exit code can come of it. */
    private static void end(Mirror mirror, String reason) {
        LOG.info("ending ({}): nothing more is accepted, running answers may finish", reason);
        mirror.end();
        LOG.info("ended");
        System.out.flush();
        Runtime.getRuntime().halt(CommandLine.ExitCode.OK);
    }

    private static void drain(InputStream input) {
        byte[] ignored = new byte[1024];
        try {
            int read;
            do {
                read = input.read(ignored);
            } while (read >= 0);
        } catch (IOException closed) {
            LOG.debug("standard input broke: {}", closed.toString());
        }
    }

    private PrintWriter out() {
        return commandLine().getOut();
    }

    private CommandLine commandLine() {
        if (specification == null) {
            throw new IllegalStateException("runs only as a command");
        }
        return specification.commandLine();
    }
}
