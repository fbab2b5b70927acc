package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.vocabulary.FleetName;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Leaves an object in the bucket for each thing that was done: who, what, when. */
final class AuditLog {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int LONGEST_ACTOR_CHARACTERS = 100;

    private final FleetName fleet;
    private final Bucket bucket;
    private final Clock clock;
    private final String actor;

    AuditLog(FleetName fleet, Bucket bucket, Clock clock, String actor) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.clock = clock;
        this.actor = actor;
    }

    /** Present is why nothing could be written, which undoes nothing of what was done. */
    Optional<String> write(String action, long version, List<String> changes) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        var entry = JsonObject.EMPTY
                .with("format", 1)
                .with("fleet", fleet.value())
                .with("time", now)
                .with("actor", actor)
                .with("action", action)
                .with("version", version)
                .with(
                        "changes",
                        new Json.Sequence(
                                changes.stream().<Json>map(Json.Text::new).toList()));
        var key = BucketLayout.audit(TIME.format(now), inKey(actor));
        return switch (bucket.put(key, JsonWriter.bytes(entry), Bucket.Condition.ifAbsent())) {
            case Writing.Written ignored -> Optional.empty();
            case Writing.Conflict conflict -> Optional.of("no audit entry was written: " + conflict.reason());
            case Writing.Failed failed -> Optional.of("no audit entry was written: " + failed.reason());
        };
    }

    private static String inKey(String actor) {
        String plain = actor.replaceAll("[^A-Za-z0-9._-]", "_");
        return plain.length() <= LONGEST_ACTOR_CHARACTERS ? plain : plain.substring(0, LONGEST_ACTOR_CHARACTERS);
    }
}
