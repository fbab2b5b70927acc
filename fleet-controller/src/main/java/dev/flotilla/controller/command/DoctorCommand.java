package dev.flotilla.controller.command;

import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.doctor.Diagnosis;
import dev.flotilla.controller.doctor.Doctor;
import dev.flotilla.controller.fabric.Fabrics;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.status.StatusSources;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla doctor}: what is wrong, and what would be if something were gone. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header =
                "Checks keys, bucket, DNS and every node, and says what would work without the bucket or the Route 53 API.",
        description = {
            "",
            "All checks run at the same time, each with its own limit: what hangs is a line that says so. Nothing is changed, unless"
                    + " --try-writing takes the fleet's lock and gives it back. Below what isn't right stands what to do.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla doctor",
            "  flotilla doctor --limit east/east-1 --try-writing",
            "  flotilla doctor --json | jq -r 'select(.level == \"fail\") | .subject + \": \" + .text'",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing fails; there may be something to look after ('warn')",
            "1:something fails, or couldn't be found out",
            "2:wrong usage"
        })
public final class DoctorCommand implements Callable<Integer> {
    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;
    private final String actor;
    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Mixin
    private KeyFolders keys = new KeyFolders();

    @Option(
            names = "--limit",
            paramLabel = "REGION[/NODE]",
            converter = Place.Written.class,
            description = "Go only to these nodes; can be given several times. Default: to all.")
    private List<Place> places = new ArrayList<>();

    @Option(
            names = "--dns",
            paramLabel = "HOST:PORT",
            converter = NameServerAddress.class,
            description = "Ask this name server for the fleet's names. Default: all servers of the zone.")
    private @Nullable InetSocketAddress nameServer;

    @Option(
            names = "--try-writing",
            description =
                    "Take the fleet's lock and give it back, and see whether the bucket keeps the conditions of writes.")
    private boolean write;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "20s",
            converter = WrittenDuration.class,
            description = "The most that each check may take; default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ofSeconds(20);

    @Option(names = "--json", description = "A line of JSON for each check.")
    private boolean json;

    /**
     * The verb, ready to run.
     *
     * @param actor who asks, for the lock
     * @param environment may name an SSH agent
     */
    public DoctorCommand(
            Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor, Map<String, String> environment) {
        this.clock = clock;
        this.credentials = credentials;
        this.actor = actor;
        this.environment = environment;
    }

    @Override
    public Integer call() throws InterruptedException {
        FleetConfiguration fleet = file.read();
        Set<NodeId> nodes = new HashSet<>(Ways.nodes(fleet, places).keySet());
        try (var sources = StatusSources.of(fleet, credentials.get(), Optional.ofNullable(nameServer));
                var machines = new Machines(fleet, environment)) {
            Diagnosis diagnosis = new Doctor(
                            sources,
                            fleet.nodes().stream().anyMatch(fleet::reaches)
                                    ? Optional.of(machines::asRoot)
                                    : Optional.empty(),
                            keys.folders(),
                            clock,
                            actor,
                            Doctor.Limits.usual(timeout))
                    .examine(nodes, write);
            show(diagnosis);
            return diagnosis.fails() ? CommandFailure.FAILED : 0;
        }
    }

    private void show(Diagnosis diagnosis) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            diagnosis.events().forEach(event -> out.println(JsonWriter.line(event)));
        } else {
            diagnosis.text().forEach(out::println);
        }
        out.flush();
    }

    /** The ways to machines, which an identity that can't be read closes for all of them. */
    private static final class Machines implements AutoCloseable {
        private final Optional<Fabrics> fabrics;
        private final String problem;

        Machines(FleetConfiguration fleet, Map<String, String> environment) {
            Optional<Fabrics> opened = Optional.empty();
            String why = "";
            try {
                opened = Optional.of(Fabrics.open(fleet, environment));
            } catch (IOException unusable) {
                why = String.valueOf(unusable.getMessage());
            }
            this.fabrics = opened;
            this.problem = why;
        }

        Machine asRoot(Node node) throws IOException {
            return fabrics.orElseThrow(() -> new IOException(problem))
                    .site(node)
                    .asRoot();
        }

        @Override
        public void close() {
            fabrics.ifPresent(Fabrics::close);
        }
    }
}
