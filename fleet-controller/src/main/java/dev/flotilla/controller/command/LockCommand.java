package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.FleetLock;
import dev.flotilla.controller.lock.FleetLock.Breaking;
import dev.flotilla.controller.lock.FleetLock.Sight;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla lock}: who changes the fleet now. */
@Command(
        name = "lock",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows who holds the fleet's lock, or takes it from him.",
        description = {
            "",
            "Every verb that changes a fleet holds its lock, which lies in the bucket, and renews it. A controller that was killed loses it"
                    + " by itself within half a minute, so that there is mostly nothing to break. Whoever it is taken from writes nothing"
                    + " more, neither to the bucket nor to DNS.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla lock status",
            "  flotilla lock break 7         the generation that lock status shows",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:shown, or broken",
            "1:not so; the message says why",
            "2:wrong usage",
            "4:lock status: somebody holds it"
        })
public final class LockCommand implements Runnable {
    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;
    private final String actor;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    public LockCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
        this.clock = clock;
        this.credentials = credentials;
        this.actor = actor;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "status", mixinStandardHelpOptions = true, description = "Shows who holds it.")
    int status(@Option(names = "--json", description = "Show it as one JSON object.") boolean json) {
        PrintWriter out = spec.commandLine().getOut();
        FleetConfiguration fleet = file.read();
        try (var bucket = S3Bucket.open(fleet.bucket(), credentials.get())) {
            var lock = new FleetLock(fleet.name(), bucket, clock, FleetLock.Terms.USUAL, actor);
            Sight sight = lock.look();
            boolean held = sight instanceof Sight.Seen seen && seen.lock().isHeld(lock.now());
            String text = switch (sight) {
                case Sight.Unknown unknown -> throw new CommandFailure(unknown.reason());
                case Sight.Untouched ignored -> "Nobody has ever held the lock.";
                case Sight.Seen seen when held -> Locking.described(seen.lock());
                case Sight.Seen seen
                when seen.lock().isAbandoned(lock.now()) ->
                    "Nobody holds the lock. " + seen.lock().owner() + " never gave it back ("
                            + seen.lock().reason() + ", generation "
                            + seen.lock().generation()
                            + "), and its time was over at " + seen.lock().expires() + ".";
                case Sight.Seen seen ->
                    "Nobody holds the lock. Last was " + seen.lock().owner() + " ("
                            + seen.lock().reason() + ", generation "
                            + seen.lock().generation() + ").";
            };
            if (json) {
                var object = JsonObject.EMPTY.with("held", held);
                out.println(JsonWriter.text(
                        sight instanceof Sight.Seen seen
                                ? object.with("lock", seen.lock().toJson())
                                : object));
            } else {
                out.println(text);
            }
            return held ? CommandFailure.LOCKED : 0;
        }
    }

    @Command(
            name = "break",
            mixinStandardHelpOptions = true,
            description = "Takes it from its holder, who then writes nothing more.")
    int takeAway(
            @Parameters(
                            paramLabel = "GENERATION",
                            description = "Which holding is meant, as lock status shows it: no other one is broken.")
                    long generation) {
        FleetConfiguration fleet = file.read();
        try (var bucket = S3Bucket.open(fleet.bucket(), credentials.get())) {
            var lock = new FleetLock(fleet.name(), bucket, clock, FleetLock.Terms.USUAL, actor);
            if (!(lock.look() instanceof Sight.Seen seen) || seen.lock().generation() != generation) {
                throw new CommandFailure("nothing is broken: the lock is not of generation " + generation
                        + ". See flotilla lock status");
            }
            return switch (lock.breakIt(seen)) {
                case Breaking.Broken broken -> {
                    String text = broken.before().owner() + " held it ("
                            + broken.before().reason() + ", since "
                            + broken.before().since() + ")";
                    new AuditLog(fleet.name(), bucket, clock, actor, () -> generation + 1)
                            .done("lock break", Optional.empty(), List.of(text))
                            .ifPresent(spec.commandLine().getErr()::println);
                    spec.commandLine().getOut().println("Broken: " + text + ".");
                    yield 0;
                }
                case Breaking.NotHeld ignored -> throw new CommandFailure("nothing is broken: nobody holds the lock");
                case Breaking.Failed failed -> throw new CommandFailure("nothing is broken: " + failed.reason());
            };
        }
    }
}
