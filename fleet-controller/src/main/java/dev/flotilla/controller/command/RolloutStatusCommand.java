package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.intent.Rollout;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.rollout.Halt;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.rollout.RolloutJudge;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.agent.rollout.Standing;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.IntentPublisher;
import dev.flotilla.controller.publish.PublishedMetadata;
import dev.flotilla.controller.publish.TrustFolder;
import dev.flotilla.controller.rollout.FleetReports;
import dev.flotilla.controller.rollout.ProgressText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla rollout status}: how far the release in the bucket has come. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows each wave of the release in the bucket: its nodes, how far they are, and who holds it up.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it goes on, or is through", "1:it has stopped, or that can't be found out", "2:wrong usage"})
public final class RolloutStatusCommand implements Callable<Integer> {
    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(names = "--json", description = "Show it as one JSON object.")
    private boolean json;

    public RolloutStatusCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials) {
        this.clock = clock;
        this.credentials = credentials;
    }

    @Override
    public Integer call() throws IOException {
        FleetConfiguration fleet = file.read();
        PrintWriter out = spec.commandLine().getOut();
        try (Bucket bucket = S3Bucket.open(fleet.bucket(), credentials.get())) {
            Instant now = clock.instant();
            TargetsMetadata release = release(fleet, bucket, now);
            Optional<TargetFile> target = release.target(TargetPath.rollout());
            if (target.isEmpty()) {
                out.println(
                        json
                                ? JsonWriter.text(JsonObject.EMPTY.with("release", release.version()))
                                : "Release " + release.version() + " has no waves: every node takes it at once.");
                return 0;
            }
            RolloutPlan plan = plan(bucket, target.get());
            Map<Member, Standing> standings = new HashMap<>();
            FleetReports.read(fleet, bucket)
                    .forEach((node, report) -> standings.put(
                            new Member(node.region(), node.node()), Standing.of(report, release.version())));
            var judge = new RolloutJudge(plan, standings, plan.start(), now);
            var progress = new ProgressText(plan, judge, halt(fleet, bucket, release.version()));
            if (json) {
                out.println(JsonWriter.text(progress.json(release.version())));
            } else {
                out.println("Release " + release.version() + ", published " + plan.start()
                        + (plan.emergency() ? ", an emergency" : ""));
                progress.lines().forEach(out::println);
            }
            return progress.isStopped() ? 1 : 0;
        }
    }

    private static TargetsMetadata release(FleetConfiguration fleet, Bucket bucket, Instant now) throws IOException {
        var root = new TrustFolder(fleet.trust().folder()).root();
        if (!Files.exists(root)) {
            throw new CommandFailure("nothing is published yet from here: there is no " + root);
        }
        return switch (new PublishedMetadata(fleet, bucket).at(Files.readAllBytes(root), now)) {
            case Refreshed.Current current -> current.metadata().targets();
            case Refreshed.Refused refused -> throw new CommandFailure("the release in the bucket: " + refused.text());
            case Refreshed.Unavailable away -> throw new CommandFailure(away.reason());
        };
    }

    private static RolloutPlan plan(Bucket bucket, TargetFile file) {
        var key = BucketLayout.target(TargetPath.rollout(), file.sha256());
        if (bucket.get(key, Optional.empty(), RolloutPlan.LARGEST) instanceof Bucket.Lookup.Found found
                && TargetFile.of(found.content()).sha256().equals(file.sha256())) {
            try {
                return RolloutPlan.parse(found.content());
            } catch (MalformedJsonException newer) {
                throw new CommandFailure(key + " can't be understood: " + newer.getMessage(), newer);
            }
        }
        throw new CommandFailure(key + " can't be read, or is damaged");
    }

    private Optional<Halt> halt(FleetConfiguration fleet, Bucket bucket, long release) throws IOException {
        return new IntentPublisher(fleet, bucket, List.of(), clock, "nobody", Fence.ALONE, line -> {})
                .read()
                .flatMap(intents -> intents.rollout())
                .filter(wish -> wish.release() == release)
                .map(wish -> new Halt(
                        wish.state() == Rollout.State.PAUSED ? Halt.Kind.PAUSED : Halt.Kind.ABORTED,
                        "by " + wish.by() + (wish.reason().isEmpty() ? "" : " (" + wish.reason() + ")")));
    }
}
