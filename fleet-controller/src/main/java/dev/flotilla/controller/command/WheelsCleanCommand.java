package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.Publishing;
import dev.flotilla.controller.publish.WheelIndexPublisher;
import dev.flotilla.controller.publish.WheelIndexPublisher.Outcome;
import dev.flotilla.controller.wheels.publish.RetiredWheels;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla wheels clean}: takes out of the bucket what left its index long ago. */
@Command(
        name = "clean",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Deletes from the bucket wheels that left their index long ago.",
        description = {
            "",
            "A wheel that leaves its index stays in the bucket for as long as 'wheels.delete-after' says, for nodes that go by an earlier index. Then"
                    + " it may go, with its log and its provenance. What any index names stays, and so does what none has ever named. Without --yes"
                    + " it is only shown. Credentials have to allow s3:DeleteObject on wheels/*, as the policy for destroy does.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla wheels clean          what would go",
            "  flotilla wheels clean --yes",
            "  flotilla wheels clean --json | jq .objects",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is gone, or shown, or there is nothing to delete",
            "1:not all is gone; the message says why. The same command goes on",
            "2:wrong usage",
            "4:another controller changes the fleet now, or has taken the lock"
        })
public final class WheelsCleanCommand implements Callable<Integer> {
    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;
    private final String actor;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(names = "--platform", paramLabel = "PLATFORM", description = "Only for it; the others stay as they are.")
    private @Nullable String platform;

    @Option(names = "--yes", description = "Delete, and not only show.")
    private boolean yes;

    @Option(
            names = "--json",
            description = "As one JSON object: 'objects', the keys in the bucket, and whether they are 'deleted'.")
    private boolean json;

    @Mixin
    private Locking locking = new Locking();

    @Mixin
    private KeyFolders keys = new KeyFolders();

    /**
     * The verb, ready to run.
     *
     * @param actor who deletes, for the audit trail
     */
    public WheelsCleanCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
        this.clock = clock;
        this.credentials = credentials;
        this.actor = actor;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        WheelsSettings settings = WheelsCommand.settings(fleet);
        Optional<PlatformSlug> only = Optional.ofNullable(platform).map(text -> WheelsCommand.platform(text, settings));
        try (var bucket = S3Bucket.open(fleet.bucket(), credentials.get())) {
            var retired = new RetiredWheels(bucket, settings.deleteAfter(), clock);
            if (!yes) {
                say(due(retired, indexes(fleet, bucket, Fence.ALONE), only), false);
                return 0;
            }
            PrintWriter progress =
                    json ? spec.commandLine().getErr() : spec.commandLine().getOut();
            try (var lock =
                    locking.take(fleet, bucket, clock, actor, "wheels clean", line -> progress.println("  " + line))) {
                WheelIndexPublisher index = indexes(fleet, bucket, lock);
                List<ObjectKey> due = due(retired, index, only);
                if (due.isEmpty()) {
                    say(due, false);
                    return 0;
                }
                switch (retired.delete(due, index, lock)) {
                    case Outcome.Published ignored -> say(due, true);
                    case Outcome.Unchanged ignored -> say(List.of(), false);
                    case Outcome.Not not -> throw failure(not.why());
                }
                return 0;
            }
        }
    }

    private void say(List<ObjectKey> due, boolean deleted) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            List<Json> keys =
                    due.stream().<Json>map(key -> new Json.Text(key.toString())).toList();
            out.println(JsonWriter.text(
                    JsonObject.EMPTY.with("objects", new Json.Sequence(keys)).with("deleted", deleted)));
            return;
        }
        due.forEach(key -> out.println("  - " + key));
        if (due.isEmpty()) {
            out.println("There is nothing to delete.");
        } else {
            out.println(deleted ? "Deleted." : "To delete them: flotilla wheels clean --yes");
        }
    }

    private WheelIndexPublisher indexes(FleetConfiguration fleet, S3Bucket bucket, Fence fence) {
        return new WheelIndexPublisher(fleet, bucket, keys.folders(), clock, actor, fence, line -> {});
    }

    private static List<ObjectKey> due(RetiredWheels retired, WheelIndexPublisher index, Optional<PlatformSlug> only)
            throws IOException {
        return index.read().map(signed -> retired.due(signed.indexes(), only)).orElse(List.of());
    }

    private static CommandFailure failure(Publishing why) {
        String text = "not forgotten by the index: " + why.problem().orElseThrow();
        return why instanceof Publishing.Fenced ? CommandFailure.locked(text) : new CommandFailure(text);
    }
}
