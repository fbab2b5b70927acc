package dev.flotilla.controller.drill;

import java.util.Locale;
import java.util.stream.Stream;

/** How a region is taken out. */
public enum DrillMode {
    /** Its nodes are drained by a signed intent; they serve on. */
    DRAIN("signed intent: its nodes answer 503 to health checks and serve on"),
    /** Its health checks count as failed; its nodes know nothing of it. */
    HEALTH_FAIL("its health checks are forced down; its nodes are not touched"),
    /** Its mirrors are killed, again and again, until names have moved. */
    KILL("its mirrors are killed until names have moved; their agents start them again");

    private final String told;

    DrillMode(String told) {
        this.told = told;
    }

    /** What it does, for people. */
    public String told() {
        return told;
    }

    /** As people write it. */
    public static DrillMode parse(String text) {
        return Stream.of(values())
                .filter(mode -> mode.toString().equals(text))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("'" + text + "' is no mode: drain, health-fail or kill"));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
