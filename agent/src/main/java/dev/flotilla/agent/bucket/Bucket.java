package dev.flotilla.agent.bucket;

import dev.flotilla.vocabulary.ByteSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Objects by key, as S3 keeps them. Every call ends within the time-outs of the implementation and never throws because
 * of the bucket or the network: that is an outcome. Thread-safe.
 */
public interface Bucket extends AutoCloseable {
    /**
     * Reads a small object into memory.
     *
     * @param known the version that the caller has: {@link Lookup.NotModified} where it is still that one
     * @param limit an object that is larger is {@link Lookup.TooLarge}, found out without reading all of it
     */
    Lookup get(ObjectKey key, Optional<ETag> known, ByteSize limit);

    /** Says which version of an object there is without reading it: {@link Presence.There} or not. */
    Presence look(ObjectKey key);

    /**
     * Reads an object into a file, which its caller verifies. Where a part of the very same version of the object is there, it goes on
     * behind that; after {@link Download.Failed} and {@link Download.BrokenOff} what has come stays for the next call. A full disk
     * leaves nothing.
     *
     * @param limit an object that is larger is {@link Download.TooLarge}, and no byte beyond the limit is written
     * @param wanted asked again and again: whether to go on
     */
    Download download(ObjectKey key, PartialFile file, ByteSize limit, BooleanSupplier wanted);

    /** Writes an object from memory. */
    Writing put(ObjectKey key, byte[] content, Condition condition);

    /** Writes an object from a file that doesn't change meanwhile. */
    Writing upload(ObjectKey key, Path file, Condition condition);

    /**
     * The keys that begin with {@code prefix}, in their order. An object of ours has no other key than {@link ObjectKey} allows: others
     * are counted alone.
     *
     * @param most more than so many are {@link Listing.TooMany}
     */
    Listing list(String prefix, int most);

    /**
     * How far the bucket's clock was ahead of this machine's when it answered last, negative where it was behind, to a second;
     * absent until it has answered, and for buckets without a clock.
     */
    default Optional<Duration> clockAhead() {
        return Optional.empty();
    }

    @Override
    void close();

    /** The outcome of {@link #get}. */
    sealed interface Lookup {
        /** The object; its content belongs to the caller. */
        final class Found implements Lookup {
            private final byte[] content;
            private final ETag etag;

            public Found(byte[] content, ETag etag) {
                this.content = content;
                this.etag = etag;
            }

            public byte[] content() {
                return content;
            }

            public ETag etag() {
                return etag;
            }
        }

        /** The object is still of the version that the caller has. */
        record NotModified() implements Lookup {}

        /** There is no such object, or it may not be known whether there is: S3 answers 403 for both. */
        record Absent(String reason) implements Lookup {}

        /** There is more than was to be read. */
        record TooLarge(String reason) implements Lookup {}

        /** It could not be found out; {@code reason} says what was tried and what came of it. */
        record Failed(String reason) implements Lookup {}
    }

    /** The outcome of {@link #look}. */
    sealed interface Presence {
        record There(ETag etag, ByteSize size) implements Presence {}

        record Absent(String reason) implements Presence {}

        record Failed(String reason) implements Presence {}
    }

    /** The outcome of {@link #download}. */
    sealed interface Download {
        record Done(ByteSize size) implements Download {}

        record Absent(String reason) implements Download {}

        /** There is more than was to be read. */
        record TooLarge(String reason) implements Download {}

        record Failed(String reason) implements Download {}

        /** It was no longer wanted. */
        record BrokenOff() implements Download {}
    }

    /** The outcome of {@link #list}. */
    sealed interface Listing {
        /**
         * What there is.
         *
         * @param others objects with names that no part of Flotilla gives
         */
        record Keys(List<ObjectKey> keys, int others) implements Listing {
            public Keys {
                keys = List.copyOf(keys);
            }

            public Keys(List<ObjectKey> keys) {
                this(keys, 0);
            }
        }

        record TooMany(String reason) implements Listing {}

        record Failed(String reason) implements Listing {}
    }

    /** What has to hold for a write to happen. */
    sealed interface Condition {
        /** Nothing: the write replaces whatever there is. */
        record None() implements Condition {}

        /** The object is still of this version. */
        record IfMatch(ETag etag) implements Condition {}

        /** There is no such object yet. */
        record IfAbsent() implements Condition {}

        static Condition none() {
            return new None();
        }

        static Condition ifMatch(ETag etag) {
            return new IfMatch(etag);
        }

        static Condition ifAbsent() {
            return new IfAbsent();
        }
    }

    /** The outcome of a write. */
    sealed interface Writing {
        record Written(ETag etag) implements Writing {}

        /**
         * The condition did not hold, or another write was under way (412 and 409 alike): read again, then decide. A write
         * that happened and whose answer was lost on the way is none.
         */
        record Conflict(String reason) implements Writing {}

        /**
         * Not written as far as is known. After a broken connection it may have happened all the same.
         *
         * @param forbidden whether it is the bucket's decision, and no mishap: the next try is refused, too
         */
        record Failed(String reason, boolean forbidden) implements Writing {
            /** By a mishap. */
            public Failed(String reason) {
                this(reason, false);
            }
        }
    }
}
