package dev.flotilla.controller.local;

import dev.flotilla.controller.client.NameServer;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Looks at the fleet as clients do, again and again, and tells what changed since the last look. For one thread. */
final class FleetWatch {
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    private final Readiness readiness;
    private final NameServer nameServer;
    private final String name;
    private final Map<LocalRegion, URI> readyz;
    private final Consumer<String> events;
    private final Map<LocalRegion, Readiness.Answer> lastAnswers = new HashMap<>();
    private List<String> lastAddresses = List.of();

    /** @param readyz where each region's readiness is asked */
    FleetWatch(
            Readiness readiness,
            NameServer nameServer,
            String name,
            Map<LocalRegion, URI> readyz,
            Consumer<String> events) {
        this.readiness = readiness;
        this.nameServer = nameServer;
        this.name = name;
        this.readyz = Map.copyOf(readyz);
        this.events = events;
        for (LocalRegion region : LocalRegion.ALL) {
            lastAnswers.put(region, new Readiness.Answer(true, ""));
        }
        lastAddresses = List.of(LocalRegion.ALL.getFirst().host());
    }

    /** Goes on until the thread is interrupted. */
    void watch() throws InterruptedException {
        while (true) {
            look();
            Thread.sleep(LOOK_EVERY);
        }
    }

    void look() throws InterruptedException {
        for (LocalRegion region : LocalRegion.ALL) {
            URI address = readyz.get(region);
            if (address != null) {
                compare(region, readiness.ask(address));
            }
        }
        if (nameServer.ask(name) instanceof NameServer.Reply.Addresses said) {
            compare(said.texts());
        }
    }

    private void compare(LocalRegion region, Readiness.Answer answer) {
        Readiness.Answer before = lastAnswers.put(region, answer);
        if (before == null || before.ready() != answer.ready()) {
            events.accept(
                    answer.ready()
                            ? region.node() + " serves again"
                            : region.node() + " does not serve any more: " + answer.said());
        }
    }

    private void compare(List<String> addresses) {
        if (!addresses.equals(lastAddresses)) {
            lastAddresses = addresses;
            events.accept(name + " now answers "
                    + (addresses.isEmpty()
                            ? "nothing"
                            : String.join(
                                    ", ",
                                    addresses.stream()
                                            .map(FleetWatch::withRegion)
                                            .toList())));
        }
    }

    private static String withRegion(String address) {
        Optional<LocalRegion> region = LocalRegion.ALL.stream()
                .filter(candidate -> candidate.host().equals(address))
                .findFirst();
        return region.map(known -> address + " (" + known.name() + ")").orElse(address);
    }
}
