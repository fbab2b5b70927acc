package dev.flotilla.controller.dns;

/** How a record names its health check. */
public sealed interface CheckReference {
    /** One that exists. */
    record Existing(String id) implements CheckReference {}

    /** Any one with these settings; it is created where there is none. */
    record Wanted(HealthCheckSettings settings) implements CheckReference {}
}
