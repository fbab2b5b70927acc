package dev.flotilla.controller.probe;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What one look at an index has shown, step by step. */
public record ProbeResult(ProbeTarget target, Instant begun, List<Step> steps) {
    public ProbeResult {
        steps = List.copyOf(steps);
    }

    /** The steps in their order, by the names that people and metrics know. */
    public enum Kind {
        NAME("name"),
        PAGE("page"),
        HTML("html"),
        METADATA("metadata"),
        FILE("file"),
        RANGE("range"),
        WHEELS("wheels"),
        OVERLAY("overlay");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** How a step went. */
    public enum State {
        OK,
        /** There is nothing of the kind, and need not be. */
        NONE,
        FAILED,
        /** It could not be tried, since a step before it failed. */
        SKIPPED
    }

    /** One step. {@code text} says what was found, or why it failed. */
    public record Step(Kind kind, State state, Duration took, String text) {}

    public boolean isGood() {
        return steps.stream().noneMatch(step -> step.state() == State.FAILED || step.state() == State.SKIPPED);
    }

    public Duration took() {
        return steps.stream().map(Step::took).reduce(Duration.ZERO, Duration::plus);
    }
}
