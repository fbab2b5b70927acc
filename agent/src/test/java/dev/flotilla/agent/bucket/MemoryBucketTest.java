package dev.flotilla.agent.bucket;

class MemoryBucketTest extends BucketContract {
    private final MemoryBucket bucket = new MemoryBucket();

    @Override
    ErasableBucket bucket() {
        return bucket;
    }
}
