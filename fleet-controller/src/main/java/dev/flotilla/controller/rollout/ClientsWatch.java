package dev.flotilla.controller.rollout;

import dev.flotilla.agent.report.Health;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.rollout.IntentWatch.Word;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Waits until clients have left nodes that ask them to: by what the nodes report of the requests that they answer. What is measured
 * is the pace between two looks of a node at its own mirror. For one thread.
 */
public final class ClientsWatch {
    private static final double NANOS_OF_A_SECOND = 1e9;

    private final Function<Collection<NodeId>, Map<NodeId, NodeReport>> reports;
    private final Terms terms;
    private final LongSupplier nanoTime;
    private final Pause pause;
    /** Who has told a figure since answers of DNS no longer lead there: an older one says nothing. */
    private final Set<NodeId> heardSince = new HashSet<>();

    private final Map<NodeId, Flow> flows = new TreeMap<>();

    /**
     * When it is enough.
     *
     * @param answersLast so long after nodes have said that clients should go, resolvers may still lead them there
     * @param quiet requests a second that are as good as none
     * @param between two looks
     */
    public record Terms(Duration answersLast, double quiet, Duration between) {
        public Terms {
            if (!(quiet >= 0)) {
                throw new IllegalArgumentException("requests a second are 0 or more");
            }
        }
    }

    /** Lets time go by. */
    @FunctionalInterface
    public interface Pause {
        void elapse(Duration time) throws InterruptedException;
    }

    /** What is known of one node: its mirror's last figure, and the pace up to then where there were two. */
    private record Flow(Optional<Long> mirror, Health.Clients last, Optional<Double> perSecond) {
        Flow then(Optional<Long> pid, Health.Clients now) {
            if (!now.seen().isAfter(last.seen())) {
                return this;
            }
            // Another mirror counts anew.
            boolean same = pid.equals(mirror) && now.requests() >= last.requests();
            double seconds = Duration.between(last.seen(), now.seen()).toNanos() / NANOS_OF_A_SECOND;
            return new Flow(
                    pid, now, same ? Optional.of((now.requests() - last.requests()) / seconds) : Optional.empty());
        }
    }

    /**
     * Nothing is read yet.
     *
     * @param reports reads the reports of these nodes, where there are any
     */
    public ClientsWatch(
            Function<Collection<NodeId>, Map<NodeId, NodeReport>> reports,
            Terms terms,
            LongSupplier nanoTime,
            Pause pause) {
        this.reports = reports;
        this.terms = terms;
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    /**
     * Looks until hardly a client comes to any of the nodes, or the time is over. To be begun when they have said that clients
     * should go elsewhere.
     *
     * @param progress hears each new figure
     * @return the last word of each node, and none but {@link Word.Done} and {@link Word.Awaited}
     */
    public Map<NodeId, Word> await(List<NodeId> nodes, Duration limit, BiConsumer<NodeId, String> progress)
            throws InterruptedException {
        long begin = nanoTime.getAsLong();
        Map<NodeId, Word> words = new TreeMap<>();
        while (true) {
            Map<NodeId, NodeReport> said = reports.apply(nodes);
            Duration gone = Duration.ofNanos(nanoTime.getAsLong() - begin);
            Duration left = terms.answersLast().minus(gone);
            for (NodeId node : nodes) {
                if (take(node, Optional.ofNullable(said.get(node)))) {
                    progress.accept(node, pace(node));
                    if (!left.isPositive()) {
                        heardSince.add(node);
                    }
                }
                words.put(node, word(node, left));
            }
            boolean done = words.values().stream().allMatch(Word.Done.class::isInstance);
            if (done || gone.compareTo(limit) >= 0) {
                return words;
            }
            pause.elapse(least(terms.between(), limit.minus(gone)));
        }
    }

    /** Whether the node has said something new. */
    private boolean take(NodeId node, Optional<NodeReport> report) {
        Optional<Health.Clients> clients = report.flatMap(NodeReport::health).flatMap(Health::clients);
        if (clients.isEmpty()) {
            return false;
        }
        Optional<Long> pid = report.flatMap(NodeReport::mirror).map(NodeReport.Mirror::pid);
        Flow before = flows.get(node);
        Flow now = before == null ? new Flow(pid, clients.get(), Optional.empty()) : before.then(pid, clients.get());
        flows.put(node, now);
        return !now.equals(before) && now.perSecond().isPresent();
    }

    private Word word(NodeId node, Duration left) {
        Flow flow = flows.get(node);
        if (flow == null) {
            return new Word.Awaited("it doesn't say how many clients come: its agent or its mirror doesn't count them");
        }
        if (flow.perSecond().isEmpty()) {
            return new Word.Awaited("it has not counted twice yet");
        }
        boolean quiet = flow.perSecond().get() <= terms.quiet();
        if (quiet && heardSince.contains(node)) {
            return new Word.Done("drained, and " + pace(node));
        }
        return new Word.Awaited(pace(node)
                + (left.isPositive() ? "; resolvers may lead clients there for " + (left.toSeconds() + 1) + " s" : ""));
    }

    private String pace(NodeId node) {
        Flow flow = flows.get(node);
        double perSecond = flow == null ? 0 : flow.perSecond().orElse(0.0);
        Instant seen = flow == null ? Instant.EPOCH : flow.last().seen();
        return String.format(Locale.ROOT, "%.1f requests a second came up to %s", perSecond, seen);
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
