package dev.flotilla.controller.local.route53;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a health check does (API Reference, HealthCheckConfig).
 *
 * @param resourcePath empty or with a leading slash, at most 255 characters; not for TCP
 * @param hostName passed as Host header, FullyQualifiedDomainName in the API
 * @param searchString 1 to 255 characters, for HTTP_STR_MATCH and for nothing else
 * @param requestIntervalSeconds 10 or 30
 * @param failureThreshold 1 to 10 probes in a row that turn the status, in both directions
 * @param inverted healthy counts as unhealthy and the other way round
 * @param disabled no probes are made, the status counts as healthy
 * @param regions checker regions, kept and told but without meaning here: empty or at least three
 */
record HealthCheckSettings(
        Kind kind,
        InetAddress address,
        int port,
        String resourcePath,
        Optional<String> hostName,
        Optional<String> searchString,
        int requestIntervalSeconds,
        int failureThreshold,
        boolean measureLatency,
        boolean inverted,
        boolean disabled,
        List<String> regions) {
    private static final int TEXT_LIMIT = 255;
    private static final int FEWEST_REGIONS = 3;

    HealthCheckSettings {
        regions = List.copyOf(regions);
        require(port >= 1 && port <= 65_535, "Port must be from 1 to 65535");
        require(resourcePath.length() <= TEXT_LIMIT, "ResourcePath can have 255 characters");
        require(resourcePath.isEmpty() || resourcePath.startsWith("/"), "ResourcePath must begin with a slash");
        require(isPrintable(resourcePath), "ResourcePath must be printable ASCII without spaces");
        require(kind != Kind.TCP || resourcePath.isEmpty(), "ResourcePath can't be given for TCP");
        require(isPrintable(hostName.orElse("")), "FullyQualifiedDomainName must be printable ASCII without spaces");
        require(hostName.orElse("").length() <= TEXT_LIMIT, "FullyQualifiedDomainName can have 255 characters");
        require(
                searchString.isPresent() == (kind == Kind.HTTP_STR_MATCH),
                "SearchString must be given for HTTP_STR_MATCH and for nothing else");
        require(
                searchString.isEmpty()
                        || (!searchString.get().isEmpty() && searchString.get().length() <= TEXT_LIMIT),
                "SearchString must have 1 to 255 characters");
        require(
                requestIntervalSeconds == 10 || requestIntervalSeconds == 30,
                "RequestInterval must be 10 or 30 seconds");
        require(failureThreshold >= 1 && failureThreshold <= 10, "FailureThreshold must be from 1 to 10");
        require(
                regions.isEmpty() || regions.stream().distinct().count() >= FEWEST_REGIONS,
                "Regions must be left out or name at least three");
    }

    /** What a probe asks for; the kinds that the API knows and this stand-in does not are refused by the wire layer. */
    enum Kind {
        HTTP,
        HTTP_STR_MATCH,
        TCP
    }

    private static boolean isPrintable(String text) {
        return text.chars().allMatch(character -> character > ' ' && character < 0x7f);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
