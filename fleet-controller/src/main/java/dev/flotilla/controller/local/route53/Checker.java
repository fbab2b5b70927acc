package dev.flotilla.controller.local.route53;

import java.net.InetAddress;
import java.util.Optional;
import software.amazon.awssdk.services.route53.model.HealthCheckRegion;

/**
 * One of those that probe (Developer Guide, "How Amazon Route 53 determines whether a health check is healthy").
 *
 * @param region an AWS region that has checkers
 * @param source the address of this machine that it probes from; absent: whichever the system takes
 */
public record Checker(String region, Optional<InetAddress> source) {
    /** The only one, whose view is the verdict. */
    public static final Checker LONE = new Checker("us-east-1", Optional.empty());

    public Checker {
        if (HealthCheckRegion.fromValue(region) == HealthCheckRegion.UNKNOWN_TO_SDK_VERSION) {
            throw new IllegalArgumentException("'" + region + "' has no checkers");
        }
    }

    /** The address that answers of the API name it by. */
    InetAddress address() {
        return source.orElse(InetAddress.getLoopbackAddress());
    }
}
