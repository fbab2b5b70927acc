package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Presence;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.trust.Metadata;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.controller.publish.ReleaseSigner.Made;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** Metadata under their numbers, each written once and never over another. */
record MetadataObjects(Bucket bucket, Consumer<String> progress) {
    /** Numbers in a row that killed or beaten publications have left metadata under. */
    private static final int MOST_TAKEN_VERSIONS = 100;

    /** Beyond it no number is looked for: a thief has used them up, and the bucket is better emptied. */
    private static final long HIGHEST = 1L << 40;

    /** Metadata under the first number that was free. */
    sealed interface Numbered<M extends Metadata> {
        record Written<M extends Metadata>(Made<M> made) implements Numbered<M> {}

        record Not<M extends Metadata>(Publishing why) implements Numbered<M> {}
    }

    /** Writes what {@code maker} makes for a number under the first one that nobody has used. */
    <M extends Metadata> Numbered<M> numbered(String role, long first, LongFunction<Made<M>> maker) {
        long from = free(role, first);
        for (long version = from; version < from + MOST_TAKEN_VERSIONS; version++) {
            Made<M> made = maker.apply(version);
            Writing writing = write(role, made);
            if (writing instanceof Writing.Failed failed) {
                return new Numbered.Not<>(new Publishing.Failed(failed.reason()));
            }
            if (isWritten(writing, role, made)) {
                return new Numbered.Written<>(made);
            }
            // A publication that was killed before it set the pointer, or one that is under way: its number is gone.
            progress.accept(role + " " + version + " was begun before: next number");
        }
        return new Numbered.Not<>(new Publishing.Failed("the numbers " + from + " to "
                + (from + MOST_TAKEN_VERSIONS - 1) + " are all taken by releases that were begun and never finished"));
    }

    /** The first free number among a few, or one far enough beyond a long row that is taken, in few requests. */
    long free(String role, long first) {
        long version = first;
        for (long step = 1; version < HIGHEST && isTaken(role, version); step *= 2) {
            version += step;
        }
        return version;
    }

    private boolean isTaken(String role, long version) {
        return bucket.look(key(role, version)) instanceof Presence.There;
    }

    Writing write(String role, Made<?> made) {
        return bucket.put(key(role, made.metadata().version()), made.bytes(), Condition.ifAbsent());
    }

    /** Whether the object is what was to be written: now, or by an earlier try. */
    boolean isWritten(Writing writing, String role, Made<?> made) {
        return writing instanceof Writing.Written
                || (bucket.get(key(role, made.metadata().version()), Optional.empty(), TrustLimits.USUAL.targets())
                                instanceof Lookup.Found found
                        && Arrays.equals(found.content(), made.bytes()));
    }

    private static ObjectKey key(String role, long version) {
        return BucketLayout.metadata(new MetadataFile(role, Optional.of(version)));
    }
}
