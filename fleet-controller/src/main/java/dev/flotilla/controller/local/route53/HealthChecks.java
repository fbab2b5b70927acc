package dev.flotilla.controller.local.route53;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.flotilla.controller.local.route53.ApiRefusal.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/**
 * The health checks and the rules for making, changing and deleting them; every one of them is handed to the
 * {@link HealthChecker}. Thread-safe.
 */
final class HealthChecks {
    private final Map<String, HealthCheck> checks = new LinkedHashMap<>();
    /** Settings by caller reference; those of deleted checks stay, as they do on AWS for some days. */
    private final Map<String, String> references = new HashMap<>();

    private final HealthChecker checker;
    private final Set<Exemption> exemptions;
    private final Route53Limits limits;

    HealthChecks(HealthChecker checker, Set<Exemption> exemptions, Route53Limits limits) {
        this.checker = checker;
        this.exemptions = exemptions;
        this.limits = limits;
    }

    /** API Reference, CreateHealthCheck, CallerReference and Errors. */
    synchronized HealthCheck create(String callerReference, HealthCheckSettings settings) throws ApiRefusal {
        requireAddressThatMayBeChecked(settings);
        String known = references.get(callerReference);
        if (known != null) {
            HealthCheck existing = checks.get(known);
            if (existing != null
                    && existing.version() == 1
                    && existing.settings().equals(settings)) {
                return existing;
            }
            throw new ApiRefusal(
                    Code.HEALTH_CHECK_ALREADY_EXISTS,
                    "A health check with the caller reference " + callerReference
                            + " exists with other settings, or existed and was deleted.");
        }
        if (checks.size() >= limits.healthChecks()) {
            throw new ApiRefusal(
                    Code.TOO_MANY_HEALTH_CHECKS,
                    "There can't be more than " + limits.healthChecks() + " health checks.");
        }
        HealthCheck check = new HealthCheck(identifier(callerReference), callerReference, 1, settings);
        checks.put(check.id(), check);
        references.put(callerReference, check.id());
        checker.start(check);
        return check;
    }

    /** Makes new settings from the current ones. */
    @FunctionalInterface
    interface Edit {
        HealthCheckSettings apply(HealthCheckSettings current) throws ApiRefusal;
    }

    synchronized HealthCheck get(String id) throws ApiRefusal {
        HealthCheck check = checks.get(id);
        if (check == null) {
            throw new ApiRefusal(Code.NO_SUCH_HEALTH_CHECK, "A health check with id " + id + " does not exist.");
        }
        return check;
    }

    /** True when a record set may refer to it. */
    synchronized boolean exists(String id) {
        return checks.containsKey(id);
    }

    /** All checks in the order of their making. */
    synchronized List<HealthCheck> list() {
        return new ArrayList<>(checks.values());
    }

    /** API Reference, UpdateHealthCheck: a version that is given must be the current one. */
    synchronized HealthCheck update(String id, OptionalLong version, Edit edit) throws ApiRefusal {
        HealthCheck current = get(id);
        if (version.isPresent() && version.getAsLong() != current.version()) {
            throw new ApiRefusal(
                    Code.HEALTH_CHECK_VERSION_MISMATCH,
                    "The value of HealthCheckVersion, " + version.getAsLong() + ", is not that of the health check, "
                            + current.version() + ".");
        }
        HealthCheck updated = current.updated(edit.apply(current.settings()));
        requireAddressThatMayBeChecked(updated.settings());
        checks.put(id, updated);
        checker.update(updated);
        return updated;
    }

    /** API Reference, DeleteHealthCheck: a check that record sets refer to can be deleted, too. */
    synchronized void delete(String id) throws ApiRefusal {
        get(id);
        checks.remove(id);
        checker.stop(id);
    }

    /** What its checkers last saw of a check. */
    synchronized List<HealthChecker.Sight> observations(String id) throws ApiRefusal {
        get(id);
        return checker.observations(id);
    }

    /** API Reference, HealthCheckConfig, IPAddress: local, private, non-routable and multicast ranges are refused. */
    private void requireAddressThatMayBeChecked(HealthCheckSettings settings) throws ApiRefusal {
        if (exemptions.contains(Exemption.LOOPBACK_FOR_LOCAL_FLEET)
                || ReachableAddresses.isPublic(settings.address())) {
            return;
        }
        throw ApiRefusal.invalidInput("Invalid IP address: Route 53 can't check the health of endpoints in local,"
                + " private, non-routable or multicast ranges, such as "
                + settings.address().getHostAddress());
    }

    /** The same reference gives the same id in every run, which keeps logs of local fleets comparable. */
    private static String identifier(String callerReference) {
        return UUID.nameUUIDFromBytes(callerReference.getBytes(UTF_8)).toString();
    }
}
