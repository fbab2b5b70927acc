package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.publish.IntentPublisher;
import dev.flotilla.controller.publish.IntentPublisher.Outcome;
import dev.flotilla.controller.rollout.ClientsWatch;
import dev.flotilla.controller.rollout.IntentWatch;
import dev.flotilla.controller.rollout.IntentWatch.Word;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
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

    /** Without bucket and lock. */
    final int throughDns(ThroughDns way, FleetConfiguration fleet, List<NodeId> nodes, boolean drain)
            throws IOException, InterruptedException {
        return way.run(
                fleet, credentials.get(), nodes, drain, json, spec.commandLine().getOut());
    }

    final CommandSpec spec() {
        return spec;
    }

    final FleetConfiguration fleet() {
        return file.read();
    }

    /** What it has published, or has found to be wanted already. */
    record Said(String result, String line, Outcome outcome) {
        Intents wanted() {
            return outcome.wanted().orElseThrow();
        }
    }

    /**
     * Has it published, and says what came of it.
     *
     * @param action the verb, for the audit trail
     * @param line what exactly, for the audit trail and for people
     */
    final Outcome change(FleetConfiguration fleet, String action, String line, IntentPublisher.Change change)
            throws IOException, InterruptedException {
        Said said = published(fleet, action, line, change);
        if (json) {
            out().println(JsonWriter.text(json(said)));
        }
        return said.outcome();
    }

    /** Has it published; says so to people, and not yet as JSON. */
    private Said published(FleetConfiguration fleet, String action, String line, IntentPublisher.Change change)
            throws IOException, InterruptedException {
        Consumer<String> progress = json ? ignored -> {} : step -> out().println("  " + step);
        try (Bucket bucket = S3Bucket.open(fleet.bucket(), credentials.get());
                var lock = locking.take(fleet, bucket, clock, actor, action, progress)) {
            var publisher = new IntentPublisher(fleet, bucket, keys.folders(), clock, actor, lock, progress);
            Outcome outcome = publisher.change(action, line, change);
            return switch (outcome) {
                case Outcome.Not not -> throw new CommandFailure("nothing is changed: " + not.reason());
                case Outcome.Fenced fenced -> throw CommandFailure.locked("nothing is changed: " + fenced.reason());
                case Outcome.Unchanged ignored -> {
                    tell(List.of("It is wanted already: " + line + "."));
                    yield new Said("unchanged", line, outcome);
                }
                case Outcome.Intended ignored -> {
                    tell(List.of("Published: " + line + ". Every node sees it with its next look at the bucket."));
                    yield new Said("published", line, outcome);
                }
            };
        }
    }

    /** What is asked of the reports of nodes, where their verb is to be waited for. */
    interface Question {
        IntentWatch.Question of(Intents wanted);
    }

    /**
     * The same, and waits until the nodes say that it is so, where that is wanted. Answers the exit code.
     *
     * @param remarks more for people, before it is waited
     */
    final int change(
            FleetConfiguration fleet,
            String action,
            String line,
            IntentPublisher.Change change,
            Function<Intents, List<String>> remarks,
            Waiting waiting,
            List<NodeId> nodes,
            Question question)
            throws IOException, InterruptedException {
        return change(fleet, action, line, change, remarks, waiting, nodes, question, Optional.empty());
    }

    /**
     * The same, and where nodes have said that it is so, waits until their clients have left them by these terms, if there are any.
     */
    final int change(
            FleetConfiguration fleet,
            String action,
            String line,
            IntentPublisher.Change change,
            Function<Intents, List<String>> remarks,
            Waiting waiting,
            List<NodeId> nodes,
            Question question,
            Optional<ClientsWatch.Terms> clients)
            throws IOException, InterruptedException {
        waiting.check(fleet);
        if (!waiting.isWanted()) {
            Outcome outcome = change(fleet, action, line, change);
            tell(remarks.apply(outcome.wanted().orElseThrow()));
            return 0;
        }
        Said said = published(fleet, action, line, change);
        tell(remarks.apply(said.wanted()));
        long begin = System.nanoTime();
        Map<NodeId, Word> words;
        try (Bucket bucket = S3Bucket.open(fleet.bucket(), credentials.get())) {
            words = waiting.await(
                    fleet,
                    bucket,
                    nodes,
                    said.outcome().version().orElseThrow(),
                    question.of(said.wanted()),
                    (node, word) -> tell(List.of("  " + node + ": " + word.text())));
            List<NodeId> left = Waiting.done(words);
            if (clients.isPresent() && !left.isEmpty()) {
                tell(List.of("  resolvers may lead clients there for "
                        + clients.get().answersLast().toSeconds() + " s more"));
                words.putAll(waiting.awaitClients(
                        fleet,
                        bucket,
                        left,
                        clients.get(),
                        Duration.ofNanos(System.nanoTime() - begin),
                        (node, pace) -> tell(List.of("  " + node + ": " + pace))));
            }
        }
        if (json) {
            out().println(JsonWriter.text(json(said).with("nodes", Waiting.json(words))));
        }
        List<String> awaited = Waiting.awaited(words);
        tell(awaited.stream().map(who -> "  still awaited: " + who).toList());
        int code = Waiting.exitCode(words);
        tell(List.of(
                code == 0
                        ? "All " + nodes.size() + " nodes say so."
                        : awaited.size() + " of " + nodes.size() + " nodes have not said in time that it is so"
                                + (words.size() == awaited.size() ? "" : "; what the others say stands above")
                                + ". It goes on being wanted: flotilla status shows when they are"));
        return code;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static JsonObject json(Said said) {
        return JsonObject.EMPTY.with("result", said.result()).with("intent", said.line());
    }

    /** More for people, where it isn't JSON that is asked for. */
    final void tell(List<String> lines) {
        if (!json) {
            lines.forEach(out()::println);
        }
    }
}
