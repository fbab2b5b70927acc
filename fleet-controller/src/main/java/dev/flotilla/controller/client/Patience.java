package dev.flotilla.controller.client;

import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Asks as patiently as pip does by default: five retries of what is broken or answers 500, 502, 503, 520 or 527, after 0, 0.5, 1, 2 and 4 s (urllib3's
 * {@code Retry} with a backoff factor of 0.25), each wait no longer than 15 s; the name is asked for anew each time. Thread-safe.
 */
public final class Patience {
    private static final int RETRIES = 5;
    private static final Set<Integer> AGAIN = Set.of(500, 502, 503, 520, 527);
    private static final Duration SOCKET = Duration.ofSeconds(15);
    private static final Duration WHOLE = Duration.ofMinutes(2);

    /** pip waits for nothing before its first retry, and then twice as long each time. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private final Names names;
    private final ByteSize limit;
    private final Pause pauses;

    /** Lets time pass between two tries. */
    @FunctionalInterface
    interface Pause {
        void elapse(Duration time) throws InterruptedException;
    }

    /** With real time; an answer that is larger than the limit is a failure. */
    public Patience(Names names, ByteSize limit) {
        this(names, limit, Thread::sleep);
    }

    Patience(Names names, ByteSize limit, Pause pauses) {
        this.names = names;
        this.limit = limit;
        this.pauses = pauses;
    }

    /**
     * What came of it.
     *
     * @param led where the first try went; absent where there was no address
     * @param tries how many were made
     * @param failure why it failed for good; absent where it went well
     * @param trouble what was wrong at first, where anything was
     */
    public record Ended(Optional<InetAddress> led, int tries, Optional<String> failure, Optional<String> trouble) {}

    /** Asks until it goes well or pip would give up. {@code right} says whether an answer of status 200 is as it should be. */
    public Ended get(URI what, Map<String, String> fields, Predicate<Fetch.Answer> right) throws InterruptedException {
        Optional<InetAddress> led = Optional.empty();
        List<String> troubles = new ArrayList<>();
        Duration pause = Duration.ZERO;
        for (int tries = 1; ; tries++) {
            Try made = once(what, fields, right);
            if (tries == 1) {
                led = made.led();
            }
            if (made.trouble().isEmpty()) {
                return new Ended(led, tries, Optional.empty(), troubles.stream().findFirst());
            }
            troubles.add(made.trouble().get());
            if (!made.again() || tries > RETRIES) {
                return new Ended(led, tries, made.trouble(), troubles.stream().findFirst());
            }
            pauses.elapse(pause);
            pause = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
        }
    }

    private record Try(Optional<InetAddress> led, Optional<String> trouble, boolean again) {}

    private Try once(URI what, Map<String, String> fields, Predicate<Fetch.Answer> right) {
        return switch (names.resolve(what.getHost())) {
            case Names.Answer.None none -> new Try(Optional.empty(), Optional.of(none.reason()), true);
            case Names.Answer.Addresses found -> {
                InetAddress address = found.addresses().getFirst();
                Optional<InetAddress> led = Optional.of(address);
                try {
                    Fetch.Answer answer = Fetch.get(new Fetch.Question(
                            what, new InetSocketAddress(address, what.getPort()), fields, limit, SOCKET, WHOLE));
                    if (answer.status() != 200) {
                        yield new Try(
                                led,
                                Optional.of(address.getHostAddress() + " answers " + answer.status()),
                                AGAIN.contains(answer.status()));
                    }
                    yield right.test(answer)
                            ? new Try(led, Optional.empty(), false)
                            : new Try(led, Optional.of(address.getHostAddress() + " gives wrong bytes"), false);
                } catch (IOException broken) {
                    yield new Try(led, Optional.of(String.valueOf(broken.getMessage())), true);
                }
            }
        };
    }
}
