package dev.flotilla.agent.intent;

import dev.flotilla.agent.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * When clients are led again to a node whose mirror has ended by itself.
 *
 * @param soak with {@link Policy#AFTER_SOAK}: how long its mirror has to have been ready without a break; whole seconds
 */
public record Failback(Policy policy, Duration soak) {
    private static final Duration LONGEST = Duration.ofDays(1);

    /** As soon as it serves. */
    public static final Failback AT_ONCE = new Failback(Policy.AFTER_SOAK, Duration.ZERO);

    private static final Set<String> MEMBERS = Set.of("policy", "soak");

    public enum Policy {
        /** When it has been ready for some time. */
        AFTER_SOAK,
        /** When an operator says so. */
        MANUAL;

        /** As it is written; {@link IllegalArgumentException} names those that there are. */
        public static Policy parse(String text) {
            return Arrays.stream(values())
                    .filter(policy -> policy.toString().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no way back. There are "
                            + Arrays.stream(values()).map(Policy::toString).collect(Collectors.joining(", "))));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public Failback {
        if (soak.isNegative() || soak.compareTo(LONGEST) > 0 || soak.toNanosPart() != 0) {
            throw new IllegalArgumentException("'soak' is whole seconds from 0 to a day");
        }
    }

    static Failback parse(JsonObject written) {
        Shape.only("'failback'", written, MEMBERS);
        return new Failback(written.parsed("policy", Policy::parse), Duration.ofSeconds(written.whole("soak")));
    }

    JsonObject toJson() {
        return JsonObject.EMPTY.with("policy", policy.toString()).with("soak", soak.toSeconds());
    }

    /** For people. */
    @Override
    public String toString() {
        return switch (policy) {
            case MANUAL -> "when flotilla undrain says so";
            case AFTER_SOAK -> soak.isZero() ? "at once" : "after " + soak.toSeconds() + " s of service";
        };
    }
}
