package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.WheelIndexPublisher;
import dev.flotilla.controller.rollout.FleetReports;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.controller.wheels.publish.WheelsView;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla wheels status}: what is signed, and which node has it. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows which wheels there are, what failed and why, how old they are, and which node has them.",
        footer = {
            "",
            "Examples:",
            "  flotilla wheels status",
            "  flotilla wheels status --plan wanted.json          and how much of what is needed is published",
            "  flotilla wheels status --json | jq .platforms",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every node has what is signed, and no build failed last",
            "1:something is not so, or can't be found out",
            "2:wrong usage"
        })
public final class WheelsStatusCommand implements Callable<Integer> {
    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(names = "--platform", paramLabel = "PLATFORM", description = "Only of it.")
    private @Nullable String platform;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "The plan, by which it says how much of what is needed is published, too.")
    private @Nullable Path plan;

    @Option(names = "--json", description = "As one JSON object.")
    private boolean json;

    public WheelsStatusCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials) {
        this.clock = clock;
        this.credentials = credentials;
    }

    @Override
    public Integer call() throws IOException {
        FleetConfiguration fleet = file.read();
        WheelsSettings settings = WheelsCommand.settings(fleet);
        Optional<PlatformSlug> only = Optional.ofNullable(platform).map(text -> WheelsCommand.platform(text, settings));
        Optional<WantedWheels> planned = plan == null ? Optional.empty() : Optional.of(WheelsCommand.plan(plan));
        PrintWriter out = spec.commandLine().getOut();
        try (var bucket = S3Bucket.open(fleet.bucket(), credentials.get())) {
            var indexes = new WheelIndexPublisher(fleet, bucket, List.of(), clock, "", Fence.ALONE, line -> {});
            Map<NodeId, NodeReport> reports = FleetReports.read(fleet, bucket);
            Map<NodeId, Optional<NodeReport>> nodes = new TreeMap<>();
            fleet.nodes().forEach(node -> nodes.put(node.id(), Optional.ofNullable(reports.get(node.id()))));
            var view = new WheelsView(settings, indexes.read(), nodes, planned, clock.instant());
            if (json) {
                out.println(JsonWriter.text(view.json(only)));
            } else {
                view.lines(only).forEach(out::println);
            }
            return view.isWell(only) ? 0 : CommandFailure.FAILED;
        }
    }
}
