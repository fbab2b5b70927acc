package dev.flotilla.controller.local;

import dev.flotilla.controller.command.CommandFailure;
import dev.flotilla.controller.command.Version;
import dev.flotilla.controller.local.UpstreamChoice.Wish;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code flotilla local}: the whole product in small, in the foreground, until Ctrl-C. */
@Command(
        name = "local",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Runs a whole fleet in small on this machine, for real.",
        description = {
            "",
            "Two regions, east and west, on loopback addresses of their own, each with a mirror that an agent keeps by a"
                    + " signed release. An S3 server and a stand-in for Route53, in this process, play the cloud's part.",
            "",
            "It runs in the foreground. Ctrl-C, SIGTERM or a closed terminal stop everything that it started.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla local --sample",
            "  pip install --index-url http://127.0.1.1:8080/simple/ flotilla-sample-app",
            "  dig @127.0.0.1 -p 8053 +short mirror.flotilla.test",
            "  flotilla status --state ~/.local/state/flotilla/local     in a second terminal, before and after",
            "                                                            you kill a mirror",
            ""
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:stopped as asked", "1:could not start; the message says why and what to do", "2:wrong usage"
        })
public final class LocalCommand implements Callable<Integer> {
    private static final int LARGEST_PORT = 65_535;

    private final Clock clock;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Where the fleet keeps everything: configuration, keys, bucket, caches, logs."
                    + " Default: flotilla/local below $$XDG_STATE_HOME or ~/.local/state.")
    private @Nullable Path state;

    @Option(names = "--fresh", description = "Begin anew: delete what an earlier fleet left in that folder.")
    private boolean fresh;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "The port of the mirrors, the same on each region's address; 0 picks a free one."
                    + " Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--https",
            description =
                    "Serve by HTTPS, too, on a port of its own. The certificates are by an authority that is made for"
                            + " this fleet; the pip.conf that is shown trusts it.")
    private boolean encrypted;

    @Option(
            names = "--dns-port",
            paramLabel = "N",
            defaultValue = "8053",
            description = "The port of the name server on 127.0.0.1, UDP and TCP; 0 picks a free one."
                    + " Default: ${DEFAULT-VALUE}.")
    private int dnsPort;

    @Option(
            names = "--upstream",
            paramLabel = "URL",
            description =
                    "The simple index that the mirrors follow. Default: the public index, or the sample where that"
                            + " can't be reached.")
    private @Nullable URI upstream;

    @Option(
            names = "--sample",
            description = "Follow the sample index that comes with Flotilla: a few small packages, no network needed.")
    private boolean sample;

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description = "Write a JSON object for scripts once everything serves: addresses, ports, process numbers.")
    private @Nullable Path readyFile;

    @Option(
            names = "--start-within",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Give up when a node does not serve after this time. Default: ${DEFAULT-VALUE}.")
    private int startWithinSeconds;

    public LocalCommand(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws InterruptedException {
        LocalOptions options = options();
        var narration = new Narration(spec.commandLine().getOut(), clock);
        var teardown = new Teardown();
        var ending = new Ending(narration, teardown);
        ending.listen();
        try {
            var installation = Installation.at(System.getProperty("flotilla.home"));
            RunningFleet fleet = new LocalFleet(options, installation, clock, narration, teardown).bringUp();
            if (options.readyFile().isPresent()) {
                AtomicFile.write(options.readyFile().get(), fleet.readyFile());
            }
            narration.line(fleet.summary(calledAs(installation)));
            fleet.watch(event -> {
                if (!teardown.hasBegun()) {
                    narration.event(event);
                }
            });
            ending.awaitSignalled();
            return 0;
        } catch (CannotStartException | IOException failed) {
            ending.afterFailure();
            throw new CommandFailure(String.valueOf(failed.getMessage()), failed);
        } catch (RuntimeException signalledOrBug) {
            ending.afterFailure();
            throw signalledOrBug;
        }
    }

    /** What a person typed to get here: the launcher tells it, else it is the start script. */
    private static String calledAs(Installation installation) {
        return Optional.ofNullable(System.getenv("FLOTILLA_COMMAND"))
                .orElse(installation.home().resolve("bin").resolve("flotilla").toString());
    }

    private LocalOptions options() {
        return new LocalOptions(
                state == null ? LocalStatusSources.usualFolder() : state,
                fresh,
                checkedPort("--port", port),
                encrypted,
                checkedPort("--dns-port", dnsPort),
                Optional.ofNullable(readyFile).map(this::checkedReadyFile),
                wish(),
                checkedPatience());
    }

    private Wish wish() {
        if (upstream == null) {
            return sample ? new Wish.Sample() : new Wish.Usual();
        }
        if (sample) {
            throw usage("--sample and --upstream exclude each other: one index is followed");
        }
        boolean web = "http".equals(upstream.getScheme()) || "https".equals(upstream.getScheme());
        if (!web
                || upstream.getHost() == null
                || upstream.getUserInfo() != null
                || upstream.getQuery() != null
                || upstream.getFragment() != null) {
            throw usage("--upstream: '" + upstream
                    + "' is no index: write scheme, host and path, as in http://127.0.0.1:3141/root/simple/");
        }
        return new Wish.Named(upstream.toString().endsWith("/") ? upstream : URI.create(upstream + "/"));
    }

    private int checkedPort(String option, int value) {
        if (value < 0 || value > LARGEST_PORT) {
            throw usage(option + ": " + value + " is no port: between 1 and " + LARGEST_PORT + ", or 0 for any");
        }
        return value;
    }

    private Path checkedReadyFile(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent) || Files.isDirectory(file)) {
            throw usage("--ready-file: " + file + " can't be written: its folder has to be there");
        }
        return file;
    }

    private Duration checkedPatience() {
        if (startWithinSeconds < 1) {
            throw usage("--start-within: at least 1 second, not " + startWithinSeconds);
        }
        return Duration.ofSeconds(startWithinSeconds);
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
