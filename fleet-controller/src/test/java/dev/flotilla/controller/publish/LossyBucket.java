package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.DelegatingBucket;
import dev.flotilla.agent.bucket.ObjectKey;

/** Writes the pointer, and says that it failed. */
final class LossyBucket extends DelegatingBucket {
    LossyBucket(Bucket bucket) {
        super(bucket);
    }

    @Override
    public Writing put(ObjectKey key, byte[] content, Condition condition) {
        Writing written = super.put(key, content, condition);
        return key.equals(BucketLayout.timestamp()) ? new Writing.Failed("the connection broke") : written;
    }
}
