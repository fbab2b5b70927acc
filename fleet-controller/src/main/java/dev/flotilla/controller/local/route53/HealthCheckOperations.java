package dev.flotilla.controller.local.route53;

import dev.flotilla.controller.local.route53.ResourceTags.Kind;
import dev.flotilla.controller.local.route53.ResourceTags.Resource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The operations on health checks, between wire and {@link HealthChecks}. Thread-safe. */
final class HealthCheckOperations {
    private static final int PAGE = 100;
    private static final int CALLER_REFERENCE_LIMIT = 64;
    private final HealthChecks checks;
    private final ResourceTags tags;

    HealthCheckOperations(HealthChecks checks, ResourceTags tags) {
        this.checks = checks;
        this.tags = tags;
    }

    /** API Reference, CreateHealthCheck. */
    ApiAnswer create(ApiRequest request) throws ApiRefusal {
        XmlElement document = request.document("CreateHealthCheckRequest");
        String reference = document.required("CallerReference");
        if (reference.isEmpty() || reference.length() > CALLER_REFERENCE_LIMIT) {
            throw ApiRefusal.invalidInput("CallerReference must have 1 to " + CALLER_REFERENCE_LIMIT + " characters");
        }
        XmlElement config = document.child("HealthCheckConfig")
                .orElseThrow(() -> ApiRefusal.invalidInput("Invalid request: Missing field 'HealthCheckConfig'"));
        HealthCheck check = checks.create(reference, HealthCheckWire.read(config));
        String body = XmlDocument.of("CreateHealthCheckResponse", answer -> HealthCheckWire.write(answer, check));
        return ApiAnswer.created("/2013-04-01/healthcheck/" + check.id(), body);
    }

    ApiAnswer get(String id) throws ApiRefusal {
        HealthCheck check = checks.get(id);
        return ApiAnswer.ok(XmlDocument.of("GetHealthCheckResponse", answer -> HealthCheckWire.write(answer, check)));
    }

    /** API Reference, ListHealthChecks: {@code marker} is the first id of the page. */
    ApiAnswer list(ApiRequest request) throws ApiRefusal {
        int size = request.maxItems(PAGE);
        Optional<String> marker = request.parameter("marker");
        List<HealthCheck> from = checks.list().stream()
                .sorted(Comparator.comparing(HealthCheck::id))
                .filter(check -> marker.isEmpty() || check.id().compareTo(marker.get()) >= 0)
                .toList();
        return ApiAnswer.ok(XmlDocument.of("ListHealthChecksResponse", answer -> {
            answer.element(
                    "HealthChecks",
                    list -> from.stream().limit(size).forEach(check -> HealthCheckWire.write(list, check)));
            answer.value("Marker", marker.orElse(""));
            answer.value("IsTruncated", from.size() > size);
            if (from.size() > size) {
                answer.value("NextMarker", from.get(size).id());
            }
            answer.value("MaxItems", size);
        }));
    }

    /** API Reference, UpdateHealthCheck. */
    ApiAnswer update(String id, ApiRequest request) throws ApiRefusal {
        XmlElement document = request.document("UpdateHealthCheckRequest");
        Optional<String> given = document.value("HealthCheckVersion");
        OptionalLong version = given.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Numbers.wide("HealthCheckVersion", given.get()));
        HealthCheck check = checks.update(id, version, current -> HealthCheckWire.readUpdate(document, current));
        return ApiAnswer.ok(
                XmlDocument.of("UpdateHealthCheckResponse", answer -> HealthCheckWire.write(answer, check)));
    }

    ApiAnswer delete(String id) throws ApiRefusal {
        checks.delete(id);
        tags.forget(new Resource(Kind.HEALTH_CHECK, id));
        return ApiAnswer.ok(XmlDocument.of("DeleteHealthCheckResponse", _ -> {}));
    }

    /** API Reference, GetHealthCheckStatus: what each checker reports; there is no verdict in it. */
    ApiAnswer status(String id) throws ApiRefusal {
        List<HealthChecker.Sight> seen = checks.observations(id);
        return ApiAnswer.ok(XmlDocument.of(
                "GetHealthCheckStatusResponse",
                answer -> answer.element(
                        "HealthCheckObservations",
                        list -> seen.forEach(sight -> list.element("HealthCheckObservation", inside -> {
                            inside.value("Region", sight.checker().region());
                            inside.value("IPAddress", sight.checker().address().getHostAddress());
                            inside.element("StatusReport", report -> {
                                report.value("Status", sight.observation().detail());
                                report.value("CheckedTime", sight.observation().checked());
                            });
                        })))));
    }

    /** Fails unless the health check exists. */
    void require(String id) throws ApiRefusal {
        checks.get(id);
    }
}
