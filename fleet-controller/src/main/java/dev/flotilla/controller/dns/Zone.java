package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.DnsName;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A hosted zone and its account's health checks. Every call is bounded in time and keeps the provider's rate.
 * {@link IOException} means that the provider couldn't be asked or refused for another reason than the outcomes named;
 * its message says what was tried and why it failed. Thread-safe.
 */
public interface Zone extends AutoCloseable {
    /** All record sets at {@code name} and below it. */
    List<RecordSet> recordSets(DnsName name) throws IOException, InterruptedException;

    /** All health checks whose reference begins with {@code prefix}. */
    List<HealthCheck> healthChecks(String prefix) throws IOException, InterruptedException;

    /**
     * Creates a health check.
     *
     * @param reference at most 64 characters; a repeated call with the same settings gives the same check
     * @param tags shown to people
     */
    Creation createHealthCheck(HealthCheckSettings settings, String reference, Map<String, String> tags)
            throws IOException, InterruptedException;

    /** Deletes a health check; one that is gone already is fine. */
    void deleteHealthCheck(String id) throws IOException, InterruptedException;

    /**
     * Has a check say unhealthy whatever its node does, or no longer, where nobody has changed it since it was read. Its version is
     * the next one then.
     */
    Holding hold(HealthCheck check, boolean held) throws IOException, InterruptedException;

    /** What the checkers say now. */
    HealthState healthState(String id) throws IOException, InterruptedException;

    /** Changes records, all or none. Their checks have to be {@linkplain CheckReference.Existing existing} ones. */
    Submission change(List<Change> batch, String comment) throws IOException, InterruptedException;

    /** Whether an accepted change is answered by all of the zone's servers. */
    boolean inSync(String changeId) throws IOException, InterruptedException;

    @Override
    void close();

    /** The outcome of {@link #hold}. */
    enum Holding {
        DONE,
        /** Somebody has changed or deleted the check since it was read; nothing is changed. */
        OVERTAKEN,
        /** It has changed since it was read, and that may have been by this very call: an answer was lost, and it was made again. */
        UNSURE
    }

    /** The outcome of {@link #createHealthCheck}. */
    sealed interface Creation {
        record Created(String id) implements Creation {}

        /** The reference belongs to a check with other settings, or to one deleted lately: another has to be chosen. */
        record ReferenceTaken() implements Creation {}
    }

    /** The outcome of {@link #change}. */
    sealed interface Submission {
        record Accepted(String changeId) implements Submission {}

        /** Nothing was changed: the batch doesn't fit what stands in the zone. */
        record Refused(String reason) implements Submission {}
    }

    /** What the checkers say of one check. */
    sealed interface HealthState {
        record Healthy() implements HealthState {}

        /** Most checkers say no; the reason is what one of them saw. */
        record Unhealthy(String reason) implements HealthState {}

        /** No checker has said anything yet, or there is no such check any more. */
        record Unknown(String reason) implements HealthState {}
    }
}
