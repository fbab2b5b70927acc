package dev.flotilla.controller.local.route53;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a health check does (API Reference, HealthCheckConfig).
 *
 * @param resourcePath empty or with a leading slash, at most 255 characters; not for TCP
 * @param hostName passed as Host header, FullyQualifiedDomainName in the API
 * @param searchString 1 to 255 characters, for HTTP_STR_MATCH and HTTPS_STR_MATCH and for nothing else
 * @param requestIntervalSeconds 10 or 30
 * @param failureThreshold 1 to 10 probes in a row that turn the status, in both directions
 * @param enableSni whether an HTTPS probe names the host in its handshake; for HTTPS and for nothing else
 * @param inverted healthy counts as unhealthy and the other way round
 * @param disabled no probes are made, the status counts as healthy
 * @param regions those whose checkers probe: empty for all, or at least three
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
        boolean enableSni,
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
                searchString.isPresent() == kind.isMatching(),
                "SearchString must be given for HTTP_STR_MATCH and HTTPS_STR_MATCH and for nothing else");
        require(!enableSni || kind.isSecured(), "EnableSNI can be given for HTTPS and HTTPS_STR_MATCH only");
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
        HTTPS,
        HTTP_STR_MATCH,
        HTTPS_STR_MATCH,
        TCP;

        private static final int HTTP_PORT = 80;
        private static final int HTTPS_PORT = 443;

        boolean isSecured() {
            return this == HTTPS || this == HTTPS_STR_MATCH;
        }

        boolean isMatching() {
            return this == HTTP_STR_MATCH || this == HTTPS_STR_MATCH;
        }

        /** The port where none is given; TCP has none. */
        int usualPort() {
            return isSecured() ? HTTPS_PORT : HTTP_PORT;
        }
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
