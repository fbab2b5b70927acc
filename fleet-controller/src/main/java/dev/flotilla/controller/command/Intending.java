package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.publish.IntentPublisher;
import dev.flotilla.controller.publish.IntentPublisher.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** What all verbs have in common that say what is wanted of nodes beside their release. */
abstract class Intending {
    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;
    private final String actor;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Mixin
    private Locking locking = new Locking();

    @Mixin
    private KeyFolders keys = new KeyFolders();

    @Option(names = "--json", description = "Say what came of it as one JSON object.")
    private boolean json;

    Intending(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
        this.clock = clock;
        this.credentials = credentials;
        this.actor = actor;
    }

    final Clock clock() {
        return clock;
    }

    final String actor() {
        return actor;
    }

    final CommandSpec spec() {
        return spec;
    }

    final FleetConfiguration fleet() {
        return file.read();
    }

    /**
     * Has it published, and says what came of it.
     *
     * @param action the verb, for the audit trail
     * @param line what exactly, for the audit trail and for people
     */
    final Outcome change(FleetConfiguration fleet, String action, String line, IntentPublisher.Change change)
            throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Consumer<String> progress = json ? ignored -> {} : step -> out.println("  " + step);
        try (Bucket bucket = S3Bucket.open(fleet.bucket(), credentials.get());
                var lock = locking.take(fleet, bucket, clock, actor, action, progress)) {
            var publisher = new IntentPublisher(fleet, bucket, keys.folders(), clock, actor, lock, progress);
            Outcome outcome = publisher.change(action, line, change);
            switch (outcome) {
                case Outcome.Not not -> throw new CommandFailure("nothing is changed: " + not.reason());
                case Outcome.Fenced fenced -> throw CommandFailure.locked("nothing is changed: " + fenced.reason());
                case Outcome.Unchanged ignored -> say(out, "unchanged", line, "It is wanted already: " + line + ".");
                case Outcome.Intended ignored ->
                    say(
                            out,
                            "published",
                            line,
                            "Published: " + line + ". Every node sees it with its next look at the bucket.");
            }
            return outcome;
        }
    }

    private void say(PrintWriter out, String result, String line, String text) {
        out.println(
                json ? JsonWriter.text(JsonObject.EMPTY.with("result", result).with("intent", line)) : text);
    }

    /** More for people, where it isn't JSON that is asked for. */
    final void tell(List<String> lines) {
        if (!json) {
            lines.forEach(spec.commandLine().getOut()::println);
        }
    }
}
