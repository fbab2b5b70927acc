package dev.flotilla.controller.command;

import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.client.NameServerNames;
import dev.flotilla.controller.client.Names;
import dev.flotilla.controller.client.SystemNames;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.probe.IndexProbe;
import dev.flotilla.controller.probe.MetricsOutput;
import dev.flotilla.controller.probe.ProbeResult;
import dev.flotilla.controller.probe.ProbeRounds;
import dev.flotilla.controller.probe.ProbeTarget;
import dev.flotilla.controller.probe.ProbeText;
import dev.flotilla.controller.probe.Surroundings;
import dev.flotilla.controller.status.StatusSources;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla probe}: whether a fleet serves as pip needs it. */
@Command(
        name = "probe",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Checks a fleet, a region or any index as pip uses it.",
        description = {
            "",
            "Asks for a project's page (JSON and HTML), for core metadata, for a file, whose digest has to be right, for a part of"
                    + " it, and for prebuilt wheels: by the names that clients use, and straight at each node's address. It asks each"
                    + " with pip's own patience.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla probe                                    all names and nodes of the fleet in ./fleet.conf",
            "  flotilla probe east --project requests            one region",
            "  flotilla probe --url https://pypi.org/simple/",
            "  flotilla probe --steady --every 10s --metrics /var/lib/node_exporter/flotilla.prom",
            "  flotilla probe --steady --metrics 9911            Prometheus asks http://127.0.0.1:9911/metrics",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything serves as pip needs it; with --steady: it was told to end",
            "1:something doesn't, or couldn't be found out: it stands in the output",
            "2:wrong usage"
        })
public final class ProbeCommand implements Callable<Integer> {
    /** A look that is under way when the process is told to end has no later end than this. */
    private static final Duration ENDING = Duration.ofSeconds(5);

    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;
    private final Surroundings.OfLocalFleet localFleet;
    private final Path usualState;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..1",
            paramLabel = "REGION[/NODE]",
            converter = Place.Written.class,
            description = "A region, or one node of it; default: all.")
    private @Nullable Place place;

    @Option(names = "--url", paramLabel = "URL", description = "An index by its address, of any fleet or none.")
    private @Nullable URI url;

    @ArgGroup(exclusive = true)
    private WhichFleet which = new WhichFleet();

    @Option(
            names = "--dns",
            paramLabel = "HOST:PORT",
            converter = NameServerAddress.class,
            description =
                    "Ask this name server or resolver for names. Default: of a local fleet its own, else this machine's resolvers.")
    private @Nullable InetSocketAddress nameServer;

    @Option(
            names = "--project",
            paramLabel = "NAME",
            description = "Ask for this project; default: six, of the sample index flotilla-sample-app.")
    private @Nullable String project;

    @Option(
            names = "--platform",
            paramLabel = "SLUG",
            description =
                    "Look at what jobs on this platform use, too, such as debian-12-x86_64: the list of its prebuilt wheels,"
                            + " and the project's page with them and the index together.")
    private @Nullable String platform;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "15s",
            converter = WrittenDuration.class,
            description =
                    "Wait so long for a connection, and for each piece of an answer; default: ${DEFAULT-VALUE}, as pip does.")
    private Duration timeOut = Duration.ofSeconds(15);

    @Option(
            names = "--deadline",
            paramLabel = "DURATION",
            defaultValue = "60s",
            converter = WrittenDuration.class,
            description = "No step takes longer than this; default: ${DEFAULT-VALUE}.")
    private Duration deadline = Duration.ofSeconds(60);

    @Option(names = "--json", description = "One JSON object a line for each target and look.")
    private boolean json;

    @Option(names = "--steady", description = "Look again and again, until the process is told to end.")
    private boolean steady;

    @Option(
            names = "--every",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = WrittenDuration.class,
            description = "With --steady: begin a round of looks so often; default: ${DEFAULT-VALUE}.")
    private Duration every = Duration.ofSeconds(10);

    @Option(
            names = "--metrics",
            paramLabel = "FILE|[HOST:]PORT",
            description = "With --steady: keep metrics for Prometheus in a file, or serve them at an address.")
    private @Nullable String metrics;

    /**
     * The verb, ready to run.
     *
     * @param usualState the state folder of a local fleet that was started without naming one
     */
    public ProbeCommand(
            Clock clock,
            Supplier<AwsCredentialsProvider> credentials,
            Surroundings.OfLocalFleet localFleet,
            Path usualState) {
        this.clock = clock;
        this.credentials = credentials;
        this.localFleet = localFleet;
        this.usualState = usualState;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (metrics != null && !steady) {
            throw usage("--metrics is for --steady");
        }
        if (url == null) {
            try (Surroundings fleet = which.open(this::ofMachines, localFleet::open, usualState)) {
                return probe(
                        fleet.names(timeOut),
                        fleet.project(),
                        targets(fleet.sources().fleet()));
            }
        }
        if (place != null) {
            throw usage("--url takes no REGION: the index is named already");
        }
        Names names =
                nameServer == null ? new SystemNames(timeOut, true) : new NameServerNames(nameServer, timeOut, true);
        try {
            return probe(names, Surroundings.USUAL_PROJECT, List.of(ProbeTarget.of(url)));
        } catch (IllegalArgumentException noIndex) {
            throw usage("--url: " + noIndex.getMessage());
        }
    }

    private Surroundings ofMachines(FleetConfiguration fleet) {
        return new Surroundings(
                StatusSources.of(fleet, credentials.get(), Optional.ofNullable(nameServer)),
                Surroundings.USUAL_PROJECT,
                Optional.empty());
    }

    private List<ProbeTarget> targets(FleetConfiguration fleet) {
        if (place == null) {
            return ProbeTarget.of(fleet);
        }
        var nodes = place.nodes(fleet);
        if (place.node().isPresent()) {
            return fleet.nodes().stream()
                    .filter(node -> nodes.contains(node.id()))
                    .map(node -> ProbeTarget.of(fleet, node))
                    .toList();
        }
        Region region = fleet.regions().stream()
                .filter(one -> one.name().equals(nodes.getFirst().region()))
                .findFirst()
                .orElseThrow();
        return ProbeTarget.of(fleet, region);
    }

    private int probe(Names names, ProjectName usual, List<ProbeTarget> targets)
            throws IOException, InterruptedException {
        var limits = new IndexProbe.Limits(
                timeOut, deadline, IndexProbe.Limits.USUAL.largestPage(), IndexProbe.Limits.USUAL.largestFile());
        var rounds = new ProbeRounds(new IndexProbe(names, project(usual), limits, clock, platform()), targets);
        if (steady) {
            try (var signals = Signals.listen(ENDING);
                    MetricsOutput output = output()) {
                rounds.steadily(every, output, this::told);
                signals.exitCode(0);
                return 0;
            }
        }
        List<ProbeResult> results = rounds.once();
        results.forEach(this::show);
        return results.stream().allMatch(ProbeResult::isGood) ? 0 : CommandFailure.FAILED;
    }

    private ProjectName project(ProjectName usual) {
        try {
            return project == null ? usual : ProjectName.of(project);
        } catch (IllegalArgumentException invalid) {
            throw usage("--project: " + invalid.getMessage());
        }
    }

    private Optional<PlatformSlug> platform() {
        if (platform == null) {
            return Optional.empty();
        }
        Optional<PlatformSlug> slug = PlatformSlug.parse(platform);
        if (slug.isEmpty()) {
            throw usage("--platform: '" + platform
                    + "' is no platform: write distribution, version and architecture, as" + " in debian-12-x86_64");
        }
        return slug;
    }

    private MetricsOutput output() throws IOException {
        if (metrics == null) {
            return new MetricsOutput.Nowhere();
        }
        if (metrics.matches("[0-9]{1,5}")) {
            return MetricsOutput.ToAddress.listen(address("127.0.0.1:" + metrics));
        }
        return metrics.matches("[^/]*:[0-9]{1,5}")
                ? MetricsOutput.ToAddress.listen(address(metrics))
                : new MetricsOutput.ToFile(Path.of(metrics));
    }

    private static InetSocketAddress address(String written) {
        return new NameServerAddress().convert(written);
    }

    /** Of a round: each look as JSON; people want to know what has changed. */
    private void told(ProbeResult result, boolean changed) {
        if (json || changed) {
            show(result);
        }
    }

    private void show(ProbeResult result) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonWriter.line(ProbeText.json(result)));
        } else {
            ProbeText.lines(result).forEach(out::println);
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
