package dev.flotilla.agent.bucket;

class MemoryBucketTest extends BucketContract {
    private final MemoryBucket bucket = new MemoryBucket();

    @Override
    Bucket bucket() {
        return bucket;
    }
}
