package dev.flotilla.controller.fleet;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of a region's clients.
 *
 * @param awsRegion the AWS region nearest to it, which latency records name
 * @param weight its part of the clients of the fleet's name, 0 to 255, where they are led to all regions at once
 * @param load what its own clients ask for when there is most to do, in any unit that all regions share
 * @param capacity what all of its nodes together can bear, in the same unit
 */
public record RegionTraffic(Optional<AwsRegion> awsRegion, int weight, OptionalLong load, OptionalLong capacity) {
    /** Leaves room below and above. */
    static final int USUAL_WEIGHT = 10;

    static final int HIGHEST_WEIGHT = 255;

    /** Nothing is known. */
    public static final RegionTraffic UNKNOWN =
            new RegionTraffic(Optional.empty(), USUAL_WEIGHT, OptionalLong.empty(), OptionalLong.empty());
}
