package dev.flotilla.controller.rollout;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Waits until the nodes' own reports say that they have carried out what is intended. A report that knows only what was intended
 * before says nothing. For one thread.
 */
public final class IntentWatch {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    private final Function<Collection<NodeId>, Map<NodeId, NodeReport>> reports;
    private final long version;
    private final Question question;

    /**
     * Nothing is read yet.
     *
     * @param reports reads the reports of these nodes, where there are any
     * @param version of the intents: what a node has to know at least, before its word counts
     */
    public IntentWatch(Function<Collection<NodeId>, Map<NodeId, NodeReport>> reports, long version, Question question) {
        this.reports = reports;
        this.version = version;
        this.question = question;
    }

    /** How far one node is. */
    public sealed interface Word {
        /** It is as it was intended. */
        record Done(String what) implements Word {}

        /** It isn't and won't be, and nothing is waited for: it says why. */
        record Declined(String why) implements Word {}

        /** It has still to do it, or to say so. */
        record Awaited(String why) implements Word {}

        /** For people and programs. */
        default String text() {
            return switch (this) {
                case Done done -> done.what();
                case Declined declined -> declined.why();
                case Awaited awaited -> awaited.why();
            };
        }
    }

    /** What a node's report says about what was intended of it; asked only once the node knows that. Pure. */
    @FunctionalInterface
    public interface Question {
        Word of(NodeId node, NodeReport.Steering said);
    }

    /**
     * Looks until no node is awaited, or the time is over.
     *
     * @param progress hears each node's first word that isn't {@link Word.Awaited}
     * @return the last word of each node
     */
    public Map<NodeId, Word> await(List<NodeId> nodes, Duration limit, BiConsumer<NodeId, Word> progress)
            throws InterruptedException {
        Map<NodeId, Word> words = new TreeMap<>();
        List<NodeId> awaited = new ArrayList<>(nodes);
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            Map<NodeId, NodeReport> said = reports.apply(awaited);
            for (NodeId node : List.copyOf(awaited)) {
                Word word = word(node, Optional.ofNullable(said.get(node)));
                words.put(node, word);
                if (!(word instanceof Word.Awaited)) {
                    awaited.remove(node);
                    progress.accept(node, word);
                }
            }
            long left = end - System.nanoTime();
            if (awaited.isEmpty() || left <= 0) {
                return words;
            }
            Thread.sleep(Duration.ofNanos(Math.min(left, BETWEEN_LOOKS.toNanos())));
        }
    }

    private Word word(NodeId node, Optional<NodeReport> report) {
        if (report.isEmpty()) {
            return new Word.Awaited("it has never reported");
        }
        Optional<NodeReport.Steering> steering = report.get().steering();
        if (steering.isEmpty() || steering.get().intents() < version) {
            return new Word.Awaited("it doesn't know of it yet; its last report is of "
                    + report.get().written()
                    + report.get().problem().map(why -> " and says: " + why).orElse(""));
        }
        return question.of(node, steering.get());
    }
}
