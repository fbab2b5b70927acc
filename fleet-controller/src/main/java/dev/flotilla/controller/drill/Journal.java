package dev.flotilla.controller.drill;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.json.MalformedJsonException;
import java.io.IOException;
import java.util.Optional;

/** The record of the drill that is under way, in the bucket, changed by conditional writes alone. For one thread. */
final class Journal {
    private final Bucket bucket;
    private Optional<ETag> seen = Optional.empty();

    Journal(Bucket bucket) {
        this.bucket = bucket;
    }

    /** The last drill that was written down. */
    Optional<DrillRecord> read() throws IOException {
        return switch (bucket.get(BucketLayout.currentDrill(), Optional.empty(), DrillRecord.LARGEST)) {
            case Lookup.Absent ignored -> {
                seen = Optional.empty();
                yield Optional.empty();
            }
            case Lookup.Found found -> {
                seen = Optional.of(found.etag());
                try {
                    yield Optional.of(DrillRecord.parse(found.content()));
                } catch (MalformedJsonException damaged) {
                    throw new IOException(
                            BucketLayout.currentDrill() + " can't be read: " + damaged.getMessage(), damaged);
                }
            }
            case Lookup.TooLarge tooLarge -> throw new IOException(tooLarge.reason());
            case Lookup.Failed failed -> throw new IOException(failed.reason());
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
        };
    }

    /** Writes over what was read or written last, and over nothing else. */
    void write(DrillRecord record) throws IOException {
        Condition condition = seen.<Condition>map(Condition::ifMatch).orElseGet(Condition::ifAbsent);
        seen = Optional.of(
                switch (bucket.put(BucketLayout.currentDrill(), record.toBytes(), condition)) {
                    case Writing.Written written -> written.etag();
                    case Writing.Conflict conflict ->
                        throw new IOException("another drill was written down: " + conflict.reason());
                    case Writing.Failed failed -> throw new IOException(failed.reason());
                });
    }
}
