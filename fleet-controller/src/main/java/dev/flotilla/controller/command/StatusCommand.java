package dev.flotilla.controller.command;

import dev.flotilla.controller.status.FleetStatus;
import dev.flotilla.controller.status.FleetView;
import dev.flotilla.controller.status.StatusJson;
import dev.flotilla.controller.status.StatusSources;
import dev.flotilla.controller.status.StatusTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla status}: how a fleet is now. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows how a fleet is: nodes, release, health checks, and what DNS answers.",
        description = {
            "",
            "Asks everything at the same time: the reports that agents leave in the bucket, every node's own readiness, the"
                    + " state of its health check, and a name server for the fleet's names. What is wrong stands below the table.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla status                              of the fleet in ./fleet.conf",
            "  flotilla status --state DIR                  of a local fleet (flotilla local)",
            "  flotilla status --json | jq -r '.problems[]'",
            "  watch -n 1 flotilla status",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything is as it should be",
            "1:something is not, or can't be found out: it stands in the output",
            "2:wrong usage"
        })
public final class StatusCommand implements Callable<Integer> {
    private static final int NOT_HEALTHY = 1;

    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;
    private final StatusSources.OfLocalFleet localFleet;
    private final Path usualState;
    private final boolean colours;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @ArgGroup(exclusive = true)
    private WhichFleet which = new WhichFleet();

    @Option(
            names = "--dns",
            paramLabel = "HOST:PORT",
            converter = NameServerAddress.class,
            description = "Ask this name server for the fleet's names. Default: the zone's own servers.")
    private @Nullable InetSocketAddress nameServer;

    @Option(names = "--json", description = "Show it as one JSON object.")
    private boolean json;

    /**
     * The verb, ready to run.
     *
     * @param usualState the state folder of a local fleet that was started without naming one
     * @param colours whether the output goes to a terminal that shows them
     */
    public StatusCommand(
            Clock clock,
            Supplier<AwsCredentialsProvider> credentials,
            StatusSources.OfLocalFleet localFleet,
            Path usualState,
            boolean colours) {
        this.clock = clock;
        this.credentials = credentials;
        this.localFleet = localFleet;
        this.usualState = usualState;
        this.colours = colours;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (StatusSources sources = sources()) {
            FleetView view = new FleetStatus(sources, clock, FleetStatus.Limits.USUAL).gather();
            if (json) {
                out.println(StatusJson.text(view));
            } else {
                out.print(new StatusTable(colours).text(view));
                out.flush();
            }
            return view.isHealthy() ? 0 : NOT_HEALTHY;
        }
    }

    private StatusSources sources() {
        return which.open(
                fleet -> StatusSources.of(fleet, credentials.get(), Optional.ofNullable(nameServer)),
                localFleet::open,
                usualState);
    }
}
