package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.CheckerRegion;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.NodeAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.route53.model.GetHealthCheckStatusResponse;
import software.amazon.awssdk.services.route53.model.HealthCheckConfig;
import software.amazon.awssdk.services.route53.model.HealthCheckObservation;
import software.amazon.awssdk.services.route53.model.HealthCheckType;

/** Health checks to and from the shape of the Route53 API. */
final class Route53HealthChecks {
    /** A check is healthy while more than this share of its checkers say so. */
    private static final double HEALTHY_SHARE = 0.18;

    private static final String SUCCESS = "Success";

    private Route53HealthChecks() {}

    static HealthCheckConfig toApi(HealthCheckSettings settings) {
        var config = HealthCheckConfig.builder()
                .type(settings.secured().isPresent() ? HealthCheckType.HTTPS_STR_MATCH : HealthCheckType.HTTP_STR_MATCH)
                .ipAddress(settings.address().toString())
                .port(settings.port())
                .resourcePath(settings.path())
                .searchString(settings.search())
                .requestInterval((int) settings.interval().toSeconds())
                .failureThreshold(settings.threshold());
        // With an address the checkers go there, and say the name in the handshake and in the field Host.
        settings.secured()
                .ifPresent(name -> config.fullyQualifiedDomainName(name.value()).enableSNI(true));
        if (!settings.regions().isEmpty()) {
            config.regionsWithStrings(
                    settings.regions().stream().map(CheckerRegion::id).sorted().toList());
        }
        return config.build();
    }

    static HealthCheck fromApi(software.amazon.awssdk.services.route53.model.HealthCheck check) {
        HealthCheckConfig config = check.healthCheckConfig();
        return new HealthCheck(
                check.id(), check.callerReference(), settings(config), isHeld(config), check.healthCheckVersion());
    }

    /**
     * A disabled check counts as healthy, and an inverted one as the opposite (API Reference, HealthCheckConfig, Disabled
     * and Inverted): both together say unhealthy, and nothing that happens on the node changes it.
     */
    private static boolean isHeld(HealthCheckConfig config) {
        return Boolean.TRUE.equals(config.disabled()) && Boolean.TRUE.equals(config.inverted());
    }

    /** Empty where the check does anything that {@link #toApi} never asks for. */
    private static Optional<HealthCheckSettings> settings(HealthCheckConfig config) {
        String name = config.fullyQualifiedDomainName();
        boolean known = switch (config.type()) {
            case HTTP_STR_MATCH -> name == null;
            case HTTPS_STR_MATCH -> name != null && Boolean.TRUE.equals(config.enableSNI());
            default -> false;
        };
        boolean plain = known
                && config.ipAddress() != null
                && Boolean.TRUE.equals(config.inverted()) == Boolean.TRUE.equals(config.disabled());
        Set<CheckerRegion> regions = config.regionsAsStrings().stream()
                .flatMap(region -> CheckerRegion.find(region).stream())
                .collect(Collectors.toUnmodifiableSet());
        boolean unknown = regions.size() < config.regionsAsStrings().size();
        if (!plain || unknown) {
            return Optional.empty();
        }
        var settings = new HealthCheckSettings(
                NodeAddress.parse(config.ipAddress()),
                config.port(),
                Optional.ofNullable(name).map(DnsName::parse),
                config.resourcePath(),
                config.searchString(),
                Duration.ofSeconds(config.requestInterval()),
                config.failureThreshold(),
                // All of them, however that is said.
                regions.size() == CheckerRegion.values().length ? Set.of() : regions);
        return Optional.of(settings);
    }

    static Zone.HealthState state(GetHealthCheckStatusResponse answer) {
        List<HealthCheckObservation> heard = answer.healthCheckObservations().stream()
                .filter(observation -> observation.statusReport() != null
                        && observation.statusReport().status() != null)
                .toList();
        if (heard.isEmpty()) {
            return new Zone.HealthState.Unknown("no checker has said anything yet");
        }
        List<String> failures = heard.stream()
                .map(observation -> observation.statusReport().status())
                .filter(status -> !status.startsWith(SUCCESS))
                .toList();
        double healthy = (double) (heard.size() - failures.size()) / heard.size();
        return healthy > HEALTHY_SHARE
                ? new Zone.HealthState.Healthy()
                : new Zone.HealthState.Unhealthy(failures.getFirst());
    }
}
