package dev.flotilla.agent.bucket;

import dev.flotilla.vocabulary.ByteSize;
import java.util.function.BooleanSupplier;

/** A bucket before each of whose downloads something happens to the node, once nothing else can be found out beforehand. */
public final class BeforeDownloads extends DelegatingBucket {
    private final Bucket bucket;
    private final Runnable event;

    public BeforeDownloads(Bucket bucket, Runnable event) {
        super(bucket);
        this.bucket = bucket;
        this.event = event;
    }

    @Override
    public Download download(ObjectKey key, PartialFile file, ByteSize limit, BooleanSupplier wanted) {
        event.run();
        return super.download(key, file, limit, wanted);
    }

    /** Its agent has no other one. */
    @Override
    public void close() {
        bucket.close();
    }
}
