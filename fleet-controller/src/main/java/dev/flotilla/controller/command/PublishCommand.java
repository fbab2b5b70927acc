package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.IntentPublisher;
import dev.flotilla.controller.publish.Programs;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.controller.publish.Publishing;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla publish}: from a {@code fleet.conf} to a signed release in the bucket. */
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Publishes what fleet.conf says as a signed release, which nodes take up by themselves.",
        description = {
            "",
            "Uploads what isn't in the bucket yet, signs a release that is one version newer (The Update Framework 1.0), and points to it. A bucket"
                    + " that says the same already gets nothing. Two controllers can't overwrite each other: the slower one is told.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla publish                       what ./fleet.conf says",
            "  flotilla publish -C acme/fleet.conf",
            "  flotilla publish --renew               sign again, to expire later (a cron job)",
            "  flotilla publish --keys /media/usb     with keys that are kept offline",
            "  flotilla publish --plan                which node would go when",
            "  flotilla publish --emergency           now, and quicker from wave to wave",
            "  flotilla publish --json | jq .version",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the bucket has what fleet.conf says, published now or before",
            "1:not published; the message says why and what to do",
            "2:wrong usage",
            "3:not published yet: it lacks signatures of keys that aren't here",
            "4:another controller changes the fleet now, or has taken the lock"
        })
public final class PublishCommand implements Callable<Integer> {
    static final int SIGNATURES_LACK = 3;

    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;
    private final Path programs;
    private final String actor;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(
            names = "--renew",
            description =
                    "Sign also where nothing has changed, so that what is published expires later: made for a cron job."
                            + " Needs the snapshot and timestamp keys alone; the release itself is signed again when a third of its"
                            + " life is left and its key is here.")
    private boolean renew;

    @Option(
            names = "--emergency",
            description =
                    "Roll out without regard to the allowed hours and with short soaks (rollout.emergency-soak). Waves, and what"
                            + " stops them, stay. A release that is under way already is hastened.")
    private boolean emergency;

    @Option(names = "--plan", description = "Only show which node would go when. Nothing is uploaded or signed.")
    private boolean plan;

    @Mixin
    private Locking locking = new Locking();

    @Mixin
    private KeyFolders keys = new KeyFolders();

    @Option(names = "--json", description = "Say what came of it as one JSON object.")
    private boolean json;

    /**
     * The verb, ready to run.
     *
     * @param programs the folder with the archives of mirror and agent for fleets that name no others
     * @param actor who publishes, for the audit trail
     */
    public PublishCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials, Path programs, String actor) {
        this.clock = clock;
        this.credentials = credentials;
        this.programs = programs;
        this.actor = actor;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        PrintWriter out = spec.commandLine().getOut();
        Consumer<String> progress = json ? line -> {} : line -> out.println("  " + line);
        if (!json) {
            int nodes = fleet.nodes().size();
            int regions = fleet.regions().size();
            out.println("Fleet " + fleet.name() + ": " + counted(nodes, "node") + " in " + counted(regions, "region")
                    + ", bucket " + fleet.bucket());
        }
        try (var bucket = S3Bucket.open(fleet.bucket(), credentials.get())) {
            if (plan) {
                preview(publisher(fleet, bucket, Fence.ALONE, progress).preview(emergency), out);
                return 0;
            }
            try (var lock =
                    locking.take(fleet, bucket, clock, actor, renew ? "publish --renew" : "publish", progress)) {
                int code = publish(publisher(fleet, bucket, lock, progress), out);
                if (code == 0) {
                    var intents = new IntentPublisher(fleet, bucket, keys.folders(), clock, actor, lock, progress);
                    List<String> untold = intents.untold(true);
                    intents.tell().ifPresent(outcome -> told(outcome, untold, out));
                }
                return code;
            }
        }
    }

    private void told(IntentPublisher.Outcome outcome, List<String> untold, PrintWriter out) {
        String what = String.join("; ", untold);
        outcome.problem().ifPresent(why -> {
            throw new CommandFailure("nodes don't hear yet that " + what + " (dns.failback, minimum-serving): " + why);
        });
        if (!json) {
            out.println("Nodes are told: " + what + ".");
        }
    }

    private Publisher publisher(FleetConfiguration fleet, Bucket bucket, Fence fence, Consumer<String> progress) {
        return new Publisher(
                fleet, bucket, Programs.of(fleet, programs), keys.folders(), clock, actor, fence, progress);
    }

    private int publish(Publisher publisher, PrintWriter out) throws IOException {
        var signing = renew ? Publisher.Signing.ALWAYS : Publisher.Signing.WHEN_CHANGED;
        return switch (publisher.publish(signing, emergency)) {
            case Publishing.Published published -> published(published, out);
            case Publishing.Unchanged unchanged -> unchanged(unchanged, out);
            case Publishing.Unsigned unsigned -> unsigned(unsigned, out);
            case Publishing.Refused refused -> throw new CommandFailure("not published: " + refused.reason());
            case Publishing.Overtaken overtaken -> throw new CommandFailure("not published: " + overtaken.reason());
            case Publishing.Fenced fenced -> throw CommandFailure.locked("not published: " + fenced.reason());
            case Publishing.Failed failed -> throw new CommandFailure("not published: " + failed.reason());
        };
    }

    private void preview(List<String> lines, PrintWriter out) {
        if (json) {
            out.println(JsonWriter.text(JsonObject.EMPTY.with(
                    "plan",
                    new Json.Sequence(lines.stream().<Json>map(Json.Text::new).toList()))));
        } else {
            lines.forEach(line -> out.println("  " + line));
        }
    }

    private int published(Publishing.Published published, PrintWriter out) {
        if (json) {
            print(out, "published", published.version(), published.expires(), published.changes());
            return 0;
        }
        published.changes().forEach(change -> out.println("  " + change));
        out.println("Release " + published.version() + " is published"
                + (published.changes().isEmpty() ? ", with nothing new but its signature" : "") + "; it holds until "
                + published.expires() + ".");
        out.println("Nodes take it up by themselves. To watch them: flotilla status");
        return 0;
    }

    private int unsigned(Publishing.Unsigned unsigned, PrintWriter out) {
        if (json) {
            out.println(JsonWriter.text(JsonObject.EMPTY
                    .with("result", "unsigned")
                    .with("file", unsigned.file().toString())
                    .with("lacking", unsigned.lacking())));
            return SIGNATURES_LACK;
        }
        out.println("Not published yet: " + unsigned.file() + " lacks signatures: " + unsigned.lacking() + ".");
        out.println("Carry it to where the keys are, run there: flotilla sign --key KEY "
                + unsigned.file().getFileName());
        out.println("Put it back, then run flotilla publish again; what fleet.conf says has to be the same.");
        return SIGNATURES_LACK;
    }

    private int unchanged(Publishing.Unchanged unchanged, PrintWriter out) {
        if (json) {
            print(out, "unchanged", unchanged.version(), unchanged.expires(), List.of());
            return 0;
        }
        boolean expired = !clock.instant().isBefore(unchanged.expires());
        out.println("Nothing has changed: release " + unchanged.version() + " says the same"
                + (expired
                        ? ", but it has expired on " + unchanged.expires() + ". Sign it again: flotilla publish --renew"
                        : " and holds until " + unchanged.expires() + "."));
        return 0;
    }

    private static void print(PrintWriter out, String result, long version, Instant expires, List<String> changes) {
        out.println(JsonWriter.text(JsonObject.EMPTY
                .with("result", result)
                .with("version", version)
                .with("expires", expires)
                .with(
                        "changes",
                        new Json.Sequence(
                                changes.stream().<Json>map(Json.Text::new).toList()))));
    }

    private static String counted(int count, String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
    }
}
