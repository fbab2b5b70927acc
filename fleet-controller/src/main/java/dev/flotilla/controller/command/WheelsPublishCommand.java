package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.PrivateNames;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.Publishing;
import dev.flotilla.controller.publish.WheelIndexPublisher;
import dev.flotilla.controller.publish.WheelIndexPublisher.Outcome;
import dev.flotilla.controller.wheels.BuildFolder;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.controller.wheels.publish.IndexFiles;
import dev.flotilla.controller.wheels.publish.WheelPublisher;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla wheels publish}: from what was built to indexes that nodes follow. */
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Publishes wheels that were built, in indexes that all nodes bring by themselves.",
        description = {
            "",
            "Checks every wheel once more, refuses those that upstream doesn't have the source of, has given the name of to others, or that are"
                    + " private, uploads the rest, each once and never over another, and has the role for wheels sign an index for each"
                    + " platform. A release isn't needed for it. What upstream has taken back leaves the index, and with --plan"
                    + " what nobody has needed for as long as 'wheels.retire-after' says.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla wheels publish                            what is in ./wheels",
            "  flotilla wheels publish --plan wanted.json         and let go what no branch needs any more",
            "  flotilla wheels publish --platform debian-12-x86_64 wheels",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the indexes say what is in the folder",
            "1:not published; the message says why and what to do",
            "2:wrong usage",
            "3:published, but for wheels that were refused, and platforms whose index is damaged in the bucket",
            "4:another controller changes the fleet now, or has taken the lock"
        })
public final class WheelsPublishCommand implements Callable<Integer> {
    private static final int NOT_ALL = 3;

    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;
    private final String actor;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            defaultValue = "wheels",
            description = "What flotilla wheels build has left; default: ./${DEFAULT-VALUE}.")
    private Path folder = Path.of("wheels");

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(names = "--platform", paramLabel = "PLATFORM", description = "Only for it; the others stay as they are.")
    private @Nullable String platform;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "The plan, which says what branches need. Without it nothing is unused.")
    private @Nullable Path plan;

    @Option(
            names = "--index",
            paramLabel = "URL",
            description = "Where upstream's pages are had; default: the plan's, or else the fleet's first mirror.")
    private @Nullable URI index;

    @Mixin
    private Locking locking = new Locking();

    @Mixin
    private KeyFolders keys = new KeyFolders();

    @Option(names = "--json", description = "Say what came of it as one JSON object.")
    private boolean json;

    /**
     * The verb, ready to run.
     *
     * @param actor who publishes, for the audit trail
     */
    public WheelsPublishCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
        this.clock = clock;
        this.credentials = credentials;
        this.actor = actor;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        WheelsSettings settings = WheelsCommand.settings(fleet);
        Optional<PlatformSlug> only = Optional.ofNullable(platform).map(text -> WheelsCommand.platform(text, settings));
        Optional<WantedWheels> planned = plan == null ? Optional.empty() : Optional.of(WheelsCommand.plan(plan));
        PrintWriter out = spec.commandLine().getOut();
        Consumer<String> progress = json ? line -> {} : line -> out.println("  " + line);
        try (var bucket = S3Bucket.open(fleet.bucket(), credentials.get());
                var upstream = new SimpleIndex(indexOf(fleet, planned), SimpleIndex.Limits.USUAL)) {
            var publisher = new WheelPublisher(
                    settings, PrivateNames.of(fleet), bucket, new IndexFiles(upstream), clock, progress);
            var now = new WheelIndexPublisher(fleet, bucket, keys.folders(), clock, actor, Fence.ALONE, line -> {});
            WheelPublisher.Uploaded uploaded = publisher.upload(contents(), only, signed(now));
            try (var lock = locking.take(fleet, bucket, clock, actor, "wheels publish", progress)) {
                var indexes = new WheelIndexPublisher(fleet, bucket, keys.folders(), clock, actor, lock, progress);
                return say(uploaded, publisher.publish(uploaded, only, planned, indexes), out);
            }
        }
    }

    /** What hinders reading it hinders publishing, too, which says what to do. */
    private static Optional<WheelIndexPublisher.Signed> signed(WheelIndexPublisher indexes) {
        try {
            return indexes.read();
        } catch (IOException hindered) {
            return Optional.empty();
        }
    }

    private BuildFolder.Contents contents() throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new CommandFailure("there is no folder " + folder + ": flotilla wheels build makes it");
        }
        try {
            return new BuildFolder(folder.toAbsolutePath()).read();
        } catch (MalformedJsonException malformed) {
            throw new CommandFailure("not published: " + malformed.getMessage());
        }
    }

    private URI indexOf(FleetConfiguration fleet, Optional<WantedWheels> planned) {
        if (index != null) {
            return index;
        }
        return planned.map(WantedWheels::index).orElseGet(() -> {
            Node first = fleet.nodes().getFirst();
            return URI.create("http://" + first.address().inUrl() + ":" + first.clientPort() + "/simple/");
        });
    }

    private int say(WheelPublisher.Uploaded uploaded, WheelPublisher.Publication publication, PrintWriter out) {
        List<String> lines = switch (publication.outcome()) {
            case Outcome.Published published -> published.lines();
            case Outcome.Unchanged ignored -> List.of();
            case Outcome.Not not -> throw failure(not.why());
        };
        if (json) {
            out.println(JsonWriter.text(JsonObject.EMPTY
                    .with("result", publication.outcome() instanceof Outcome.Published ? "published" : "unchanged")
                    .with("wheels", uploaded.count())
                    .with("changes", texts(lines))
                    .with("refused", texts(uploaded.refused()))
                    .with("damaged", reasons(publication.damaged()))));
        } else {
            lines.forEach(line -> out.println("  " + line));
            uploaded.refused().forEach(line -> out.println("  refused: " + line));
            publication
                    .damaged()
                    .forEach((damaged, why) -> out.println("  ! " + damaged + " stays as it is signed: " + why));
            out.println(
                    lines.isEmpty()
                            ? "Nothing has changed."
                            : "Published; every node brings it with its next look at the bucket. To watch them: flotilla wheels status");
        }
        return uploaded.refused().isEmpty() && publication.damaged().isEmpty() ? 0 : NOT_ALL;
    }

    private static CommandFailure failure(Publishing why) {
        String text = "not published: " + why.problem().orElseThrow();
        return why instanceof Publishing.Fenced ? CommandFailure.locked(text) : new CommandFailure(text);
    }

    private static JsonObject reasons(SortedMap<PlatformSlug, String> damaged) {
        SequencedMap<String, Json> members = new LinkedHashMap<>();
        damaged.forEach((platform, why) -> members.put(platform.toString(), new Json.Text(why)));
        return new JsonObject(members);
    }

    private static Json texts(List<String> texts) {
        return new Json.Sequence(texts.stream().<Json>map(Json.Text::new).toList());
    }
}
