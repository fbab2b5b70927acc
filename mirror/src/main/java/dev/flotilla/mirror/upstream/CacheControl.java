package dev.flotilla.mirror.upstream;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** How long an answer stays fresh, as its {@code Cache-Control} and {@code Age} say (RFC 9111, sections 4.2 and 5.2.2). */
final class CacheControl {
    private static final long LONGEST_SECONDS = Duration.ofDays(3650).toSeconds();

    private CacheControl() {}

    /** The lifetime that remains for a shared cache; absent where nothing is said. */
    static Optional<Duration> lifetime(String cacheControl, String age) {
        Optional<Long> shared = Optional.empty();
        Optional<Long> plain = Optional.empty();
        for (String directive : cacheControl.toLowerCase(Locale.ROOT).split(",", -1)) {
            String text = directive.strip();
            if (text.equals("no-store") || text.equals("no-cache") || text.equals("private")) {
                return Optional.of(Duration.ZERO);
            }
            if (text.startsWith("s-maxage=")) {
                shared = seconds(text.substring("s-maxage=".length()));
            } else if (text.startsWith("max-age=")) {
                plain = seconds(text.substring("max-age=".length()));
            }
        }
        long passed = seconds(age).orElse(0L);
        Optional<Long> said = shared.isPresent() ? shared : plain;
        return said.map(lifetime -> Duration.ofSeconds(Math.max(0, lifetime - passed)));
    }

    private static Optional<Long> seconds(String text) {
        String digits = text.strip().replace("\"", "");
        if (!digits.matches("[0-9]{1,18}")) {
            return Optional.empty();
        }
        return Optional.of(Math.min(Long.parseLong(digits), LONGEST_SECONDS));
    }
}
