package dev.flotilla.controller.wheels.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.PartialFile;
import dev.flotilla.vocabulary.ByteSize;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A bucket at one of whose writes something happens; the records of what was done aren't counted, for they may lag behind. */
record TroubledBucket(Bucket bucket, int fatal, Trouble trouble, AtomicInteger writes) implements Bucket {
    /** What happens. */
    enum Trouble {
        /** Its controller dies before it. */
        KILLED,
        /** It doesn't happen. */
        FAILED,
        /** It happens, and nobody hears of it. */
        LOST
    }

    /** The end of a controller: nothing of it runs on. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    boolean isReached() {
        return writes.get() >= fatal;
    }

    private Writing write(ObjectKey key, Supplier<Writing> writing) {
        if (key.value().startsWith(BucketLayout.AUDIT) || writes.incrementAndGet() != fatal) {
            return writing.get();
        }
        var lost = new Writing.Failed("the connection broke");
        return switch (trouble) {
            case KILLED -> throw new Killed();
            case FAILED -> lost;
            case LOST -> writing.get() instanceof Writing.Conflict conflict ? conflict : lost;
        };
    }

    @Override
    public Lookup get(ObjectKey key, Optional<ETag> known, ByteSize limit) {
        return bucket.get(key, known, limit);
    }

    @Override
    public Presence look(ObjectKey key) {
        return bucket.look(key);
    }

    @Override
    public Download download(ObjectKey key, PartialFile file, ByteSize limit, BooleanSupplier wanted) {
        return bucket.download(key, file, limit, wanted);
    }

    @Override
    public Writing put(ObjectKey key, byte[] content, Condition condition) {
        return write(key, () -> bucket.put(key, content, condition));
    }

    @Override
    public Writing upload(ObjectKey key, Path file, Condition condition) {
        return write(key, () -> bucket.upload(key, file, condition));
    }

    @Override
    public Listing list(String prefix, int most) {
        return bucket.list(prefix, most);
    }

    @Override
    public void close() {}
}
