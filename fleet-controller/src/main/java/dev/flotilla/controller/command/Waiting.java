package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.rollout.ClientsWatch;
import dev.flotilla.controller.rollout.FleetReports;
import dev.flotilla.controller.rollout.IntentWatch;
import dev.flotilla.controller.rollout.IntentWatch.Word;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import picocli.CommandLine.Option;

/** The options of verbs that can wait until nodes say that they have done what is wanted of them. */
final class Waiting {
    /** It is wanted, but not every node has done it, or has said so in time. */
    static final int NOT_ALL = 3;

    static final String DONE = "0:published, or wanted already; with --wait: and every node says that it is so";
    static final String NOT_DONE =
            "3:--wait: published, but some node has not said in time that it is so, or won't do it";

    @Option(names = "--wait", description = "Wait until the reports of all nodes concerned say that it is done.")
    private boolean wanted;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "5m",
            converter = WrittenDuration.class,
            description = "With --wait: no longer than this; default: ${DEFAULT-VALUE}.")
    private Duration limit = Duration.ofMinutes(5);

    boolean isWanted() {
        return wanted;
    }

    /** Before anything is published: nodes that don't report can't be waited for. */
    void check(FleetConfiguration fleet) {
        if (wanted && !fleet.rollout().reports()) {
            throw new CommandFailure(
                    "nothing is changed: --wait goes by the reports of nodes, and fleet.conf says that they"
                            + " write none (rollout.reports = false). Leave --wait out");
        }
    }

    Map<NodeId, Word> await(
            FleetConfiguration fleet,
            Bucket bucket,
            List<NodeId> nodes,
            long version,
            IntentWatch.Question question,
            BiConsumer<NodeId, Word> progress)
            throws InterruptedException {
        return new IntentWatch(some -> FleetReports.read(fleet, some, bucket), version, question)
                .await(nodes, limit, progress);
    }

    /** Waits further until clients have left those that are drained; {@code gone} is how long it has waited already. */
    Map<NodeId, Word> awaitClients(
            FleetConfiguration fleet,
            Bucket bucket,
            List<NodeId> nodes,
            ClientsWatch.Terms terms,
            Duration gone,
            BiConsumer<NodeId, String> progress)
            throws InterruptedException {
        Duration left = limit.minus(gone);
        return new ClientsWatch(some -> FleetReports.read(fleet, some, bucket), terms, System::nanoTime, Thread::sleep)
                .await(nodes, left.isNegative() ? Duration.ZERO : left, progress);
    }

    static int exitCode(Map<NodeId, Word> words) {
        return words.values().stream().allMatch(Word.Done.class::isInstance) ? 0 : NOT_ALL;
    }

    static List<NodeId> done(Map<NodeId, Word> words) {
        return words.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Word.Done)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Whom it is still waited for, in one line each. */
    static List<String> awaited(Map<NodeId, Word> words) {
        return words.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Word.Awaited)
                .map(entry -> entry.getKey() + ": " + entry.getValue().text())
                .toList();
    }

    static Json json(Map<NodeId, Word> words) {
        return new Json.Sequence(words.entrySet().stream()
                .<Json>map(entry -> JsonObject.EMPTY
                        .with("node", entry.getKey().toString())
                        .with(
                                "state",
                                switch (entry.getValue()) {
                                    case Word.Done ignored -> "done";
                                    case Word.Declined ignored -> "declined";
                                    case Word.Awaited ignored -> "awaited";
                                })
                        .with("says", entry.getValue().text()))
                .toList());
    }
}
