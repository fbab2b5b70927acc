package dev.flotilla.agent;

import dev.flotilla.agent.intent.LocalWish;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Until when something is wanted on this node, and why. */
final class WishOptions {
    @ArgGroup(exclusive = true)
    private End end = new End();

    @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why, for whoever looks.")
    private String reason = "";

    private static final class End {
        @Option(
                names = "--for",
                paramLabel = "DURATION",
                converter = AllowExpiredOption.Written.class,
                description = "End by itself after this time, such as 30m or 2h, if an agent runs then.")
        private @Nullable Duration duration;

        @Option(
                names = "--until",
                paramLabel = "TIME",
                description = "End by itself at this time in UTC, such as 2026-12-21T06:00:00Z, if an agent runs then.")
        private @Nullable Instant time;
    }

    LocalWish wish(Instant clock) throws StartFailure {
        Instant now = clock.truncatedTo(ChronoUnit.SECONDS);
        Optional<Instant> until =
                end.duration == null ? Optional.ofNullable(end.time) : Optional.of(now.plus(end.duration));
        if (until.filter(time -> !time.isAfter(now)).isPresent()) {
            throw new StartFailure("that would be over already: until " + until.get() + ", now is " + now);
        }
        try {
            return new LocalWish(until, reason, System.getProperty("user.name", "somebody"), now);
        } catch (IllegalArgumentException invalid) {
            throw new StartFailure(String.valueOf(invalid.getMessage()));
        }
    }
}
