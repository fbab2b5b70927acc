package dev.flotilla.controller.fleet;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** An AWS region with health checkers (Route 53 API Reference, HealthCheckConfig, Regions). */
public enum CheckerRegion {
    AP_NORTHEAST_1,
    AP_SOUTHEAST_1,
    AP_SOUTHEAST_2,
    EU_WEST_1,
    SA_EAST_1,
    US_EAST_1,
    US_WEST_1,
    US_WEST_2;

    /** A check names so many at least, or none, which means all (the same place). */
    public static final int FEWEST = 3;

    /** The name as AWS writes it: {@code eu-west-1}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Empty where it has none that are known here. */
    public static Optional<CheckerRegion> find(String id) {
        return Arrays.stream(values()).filter(region -> region.id().equals(id)).findFirst();
    }

    /** {@link IllegalArgumentException} names those that there are. */
    static CheckerRegion parse(String id) {
        return find(id).orElseThrow(() -> new IllegalArgumentException("'" + id
                + "' is no AWS region with health checkers. There are "
                + Arrays.stream(values()).map(CheckerRegion::id).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return id();
    }
}
