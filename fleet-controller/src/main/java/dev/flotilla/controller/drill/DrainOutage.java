package dev.flotilla.controller.drill;

import dev.flotilla.agent.intent.Drain;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.controller.publish.IntentPublisher;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A drain of the region. It ends by itself, too, should nobody be left to end it. */
final class DrainOutage implements Outage {
    private final IntentPublisher publisher;
    private final RegionName region;
    private final String id;
    private final String actor;
    private final Duration longest;

    /** {@code longest} is when nodes end it by themselves, from when it is published. */
    DrainOutage(IntentPublisher publisher, RegionName region, String id, String actor, Duration longest) {
        this.publisher = publisher;
        this.region = region;
        this.id = id;
        this.actor = actor;
        this.longest = longest;
    }

    private String reason() {
        return "drill " + id;
    }

    @Override
    public boolean showsInReadiness() {
        return true;
    }

    @Override
    public void begin() throws IOException {
        String line = "drain " + region + " (" + reason() + ")";
        published(publisher.change("drill", line, (before, current) -> {
            if (before.drains().stream()
                    .anyMatch(drain -> drain.region().equals(region) && !drain.isOver(current.now()))) {
                throw new IllegalArgumentException(
                        region + " or a node of it is drained already: flotilla undrain, or wait for its end");
            }
            return before.tidied(current.now())
                    .drained(new Drain(
                            region,
                            Optional.empty(),
                            Optional.of(current.now().plus(longest)),
                            reason(),
                            actor,
                            current.now()));
        }));
    }

    @Override
    public void end() throws IOException {
        published(publisher.change(
                "drill",
                "undrain " + region + " (" + reason() + ")",
                (before, current) -> ours(before) ? before.undrained(region, Optional.empty()) : before));
    }

    /** Somebody else may have drained the region for a reason of their own meanwhile. */
    private boolean ours(Intents intents) {
        return intents.drains().stream()
                .anyMatch(drain ->
                        drain.isOf(region, Optional.empty()) && drain.reason().equals(reason()));
    }

    private static void published(IntentPublisher.Outcome outcome) throws IOException {
        Optional<String> problem = outcome.problem();
        if (problem.isPresent()) {
            throw new IOException(problem.get());
        }
    }
}
