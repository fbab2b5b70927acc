package dev.flotilla.controller.wheels.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.DelegatingBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A bucket at one of whose writes something happens; the records of what was done aren't counted, for they may lag behind. */
final class TroubledBucket extends DelegatingBucket {
    private final int fatal;
    private final Trouble trouble;
    private final AtomicInteger writes = new AtomicInteger();

    TroubledBucket(Bucket bucket, int fatal, Trouble trouble) {
        super(bucket);
        this.fatal = fatal;
        this.trouble = trouble;
    }

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
    public Writing put(ObjectKey key, byte[] content, Condition condition) {
        return write(key, () -> super.put(key, content, condition));
    }

    @Override
    public Writing upload(ObjectKey key, Path file, Condition condition) {
        return write(key, () -> super.upload(key, file, condition));
    }
}
