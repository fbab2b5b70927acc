package dev.flotilla.controller.fleet;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The AWS regions that a latency record can name (Route 53 API Reference, ResourceRecordSet, Region), each with about the
 * place of its data centers, in degrees north and east. The places serve to guess at latencies, which only AWS knows.
 */
public enum AwsRegion {
    AF_SOUTH_1(-34, 18),
    AP_EAST_1(22, 114),
    AP_EAST_2(25, 121),
    AP_NORTHEAST_1(36, 140),
    AP_NORTHEAST_2(37, 127),
    AP_NORTHEAST_3(35, 135),
    AP_SOUTH_1(19, 73),
    AP_SOUTH_2(17, 78),
    AP_SOUTHEAST_1(1, 104),
    AP_SOUTHEAST_2(-34, 151),
    AP_SOUTHEAST_3(-6, 107),
    AP_SOUTHEAST_4(-38, 145),
    AP_SOUTHEAST_5(3, 102),
    AP_SOUTHEAST_6(-37, 175),
    AP_SOUTHEAST_7(14, 101),
    CA_CENTRAL_1(46, -74),
    CA_WEST_1(51, -114),
    CN_NORTH_1(40, 116),
    CN_NORTHWEST_1(38, 106),
    EU_CENTRAL_1(50, 9),
    EU_CENTRAL_2(47, 9),
    EU_NORTH_1(59, 18),
    EU_SOUTH_1(45, 9),
    EU_SOUTH_2(42, -1),
    EU_WEST_1(53, -6),
    EU_WEST_2(52, 0),
    EU_WEST_3(49, 2),
    EUSC_DE_EAST_1(52, 13),
    IL_CENTRAL_1(32, 35),
    ME_CENTRAL_1(24, 54),
    ME_SOUTH_1(26, 51),
    MX_CENTRAL_1(21, -100),
    SA_EAST_1(-24, -47),
    US_EAST_1(39, -77),
    US_EAST_2(40, -83),
    US_GOV_EAST_1(40, -83),
    US_GOV_WEST_1(45, -120),
    US_WEST_1(37, -122),
    US_WEST_2(46, -120);

    private final double north;
    private final double east;

    AwsRegion(double north, double east) {
        this.north = north;
        this.east = east;
    }

    /** The name as AWS writes it: {@code eu-central-1}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@link IllegalArgumentException} names those that there are. */
    public static AwsRegion parse(String id) {
        return Arrays.stream(values())
                .filter(region -> region.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + id
                        + "' is no AWS region that a latency record can name. There are "
                        + Arrays.stream(values()).map(AwsRegion::id).collect(Collectors.joining(", "))));
    }

    /** All regions from the nearest, which is this one, to the farthest over the globe. */
    public List<AwsRegion> byDistance() {
        return Arrays.stream(values())
                .sorted(Comparator.comparing((AwsRegion other) -> other != this)
                        .thenComparingDouble(this::angle)
                        .thenComparing(AwsRegion::id))
                .toList();
    }

    /** The angle between two places as seen from the middle of the earth, in radians (haversine formula). */
    private double angle(AwsRegion other) {
        double up = Math.toRadians(other.north - north) / 2;
        double along = Math.toRadians(other.east - east) / 2;
        double square = Math.pow(Math.sin(up), 2)
                + Math.cos(Math.toRadians(north))
                        * Math.cos(Math.toRadians(other.north))
                        * Math.pow(Math.sin(along), 2);
        return 2 * Math.asin(Math.sqrt(square));
    }

    @Override
    public String toString() {
        return id();
    }
}
