package dev.flotilla.agent.rollout;

import dev.flotilla.agent.report.NodeReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Where a node stands with one release, as far as its report says. A report is a hint by the node itself, and may be a lie. */
public sealed interface Standing {
    int LONGEST_WORDS_CHARACTERS = 300;

    /**
     * It runs the release, proved, and nothing is wrong.
     *
     * @param since on the node's own clock
     * @param written when it said so, on the same clock: the difference has no skew
     */
    record Healthy(Instant since, Instant written) implements Standing {
        boolean hasSoaked(Duration soak) {
            return Duration.between(since, written).compareTo(soak) >= 0;
        }
    }

    /** It refused the release or went back from it, and won't try it again. */
    record Failed(String problem) implements Standing {}

    /** It is on its way to the release, or runs it and isn't well. */
    record Unproved(String state, Instant written) implements Standing {}

    /** It hasn't gone for the release. */
    record Behind(String state, Instant written) implements Standing {}

    /** Nothing is known of it. */
    record Unknown(String reason) implements Standing {}

    /** What a node's own report says about a release. */
    static Standing of(NodeReport report, long release) {
        String problem = report.problem().map(Standing::printable).orElse("");
        if (report.refused().filter(refused -> refused == release).isPresent()) {
            return new Failed(problem.isEmpty() ? "it went back" : problem);
        }
        if (report.release().isEmpty()) {
            return new Behind("has no release yet", report.written());
        }
        NodeReport.Release has = report.release().get();
        String state = has.state().name().toLowerCase(Locale.ROOT);
        if (has.version() != release) {
            String waiting = report.waiting()
                    .filter(held -> held.release() == release)
                    .map(held -> ", " + printable(held.reason()))
                    .orElse("");
            return new Behind("has release " + has.version() + waiting, report.written());
        }
        if (has.state() == NodeReport.State.REVERTED) {
            return new Failed(problem.isEmpty() ? "it went back" : problem);
        }
        boolean runsIt = report.mirror()
                .filter(mirror -> mirror.ready() && mirror.release() == release)
                .isPresent();
        if (has.state() != NodeReport.State.COMMITTED || !runsIt) {
            return new Unproved(problem.isEmpty() ? state : state + ": " + problem, report.written());
        }
        if (report.condition() == NodeReport.Condition.DEGRADED) {
            return new Unproved("degraded: " + problem, report.written());
        }
        Instant ready = report.mirror().orElseThrow().since();
        return new Healthy(ready.isAfter(has.since()) ? ready : has.since(), report.written());
    }

    /** Words of another node, for this one's log: short, and nothing that moves a cursor. */
    private static String printable(String words) {
        String line = words.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= LONGEST_WORDS_CHARACTERS ? line : line.substring(0, LONGEST_WORDS_CHARACTERS - 1) + "…";
    }

    /** The standing in a few words for people. */
    default String text() {
        return switch (this) {
            case Healthy healthy -> "healthy since " + healthy.since();
            case Failed failed -> "failed: " + failed.problem();
            case Unproved unproved -> unproved.state();
            case Behind behind -> behind.state();
            case Unknown unknown -> unknown.reason();
        };
    }

    /** What is left of it where a report counts only so long: failures are final, all else is nothing after a long silence. */
    default Standing heardWithin(Duration silence, Instant now) {
        return switch (this) {
            case Healthy healthy -> recent(healthy.written(), silence, now);
            case Unproved unproved -> recent(unproved.written(), silence, now);
            case Behind behind -> recent(behind.written(), silence, now);
            case Failed failed -> failed;
            case Unknown unknown -> unknown;
        };
    }

    private Standing recent(Instant written, Duration silence, Instant now) {
        return written.isBefore(now.minus(silence)) ? new Unknown("has not been heard of since " + written) : this;
    }
}
