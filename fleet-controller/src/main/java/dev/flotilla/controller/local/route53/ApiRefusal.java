package dev.flotilla.controller.local.route53;

import java.util.List;

/**
 * A request that the API answers with an error. An exception and not a result, since each of some twenty operations can
 * end with one at any point and only the wire layer looks at them.
 */
final class ApiRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final Code code;

    ApiRefusal(Code code, String message) {
        super(message);
        this.code = code;
    }

    /** A batch with all that is wrong in it, in the list form that Route 53 gives it. */
    static ApiRefusal invalidBatch(List<String> messages) {
        return new ApiRefusal(Code.INVALID_CHANGE_BATCH, messages.toString());
    }

    static ApiRefusal invalidInput(String message) {
        return new ApiRefusal(Code.INVALID_INPUT, message);
    }

    Code code() {
        return code;
    }

    String text() {
        return String.valueOf(getMessage());
    }

    /** The error codes of the API Reference that the stand-in gives, each with the name that goes over the wire. */
    enum Code {
        HEALTH_CHECK_ALREADY_EXISTS("HealthCheckAlreadyExists"),
        HEALTH_CHECK_VERSION_MISMATCH("HealthCheckVersionMismatch"),
        HOSTED_ZONE_ALREADY_EXISTS("HostedZoneAlreadyExists"),
        HOSTED_ZONE_NOT_EMPTY("HostedZoneNotEmpty"),
        INVALID_CHANGE_BATCH("InvalidChangeBatch"),
        INVALID_DOMAIN_NAME("InvalidDomainName"),
        INVALID_INPUT("InvalidInput"),
        MALFORMED_INPUT("MalformedInput"),
        NO_SUCH_CHANGE("NoSuchChange"),
        NO_SUCH_HEALTH_CHECK("NoSuchHealthCheck"),
        NO_SUCH_HOSTED_ZONE("NoSuchHostedZone"),
        NOT_IMPLEMENTED("NotImplemented"),
        PRIOR_REQUEST_NOT_COMPLETE("PriorRequestNotComplete"),
        THROTTLING("Throttling"),
        TOO_MANY_HEALTH_CHECKS("TooManyHealthChecks"),
        TOO_MANY_HOSTED_ZONES("TooManyHostedZones");

        private final String wire;

        Code(String wire) {
            this.wire = wire;
        }

        String wire() {
            return wire;
        }
    }
}
