package dev.flotilla.agent.bucket;

import dev.flotilla.vocabulary.ByteSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Another bucket, for those who change one thing of it. It isn't closed: it is somebody else's. */
public abstract class DelegatingBucket implements Bucket {
    private final Bucket bucket;

    protected DelegatingBucket(Bucket bucket) {
        this.bucket = bucket;
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
        return bucket.put(key, content, condition);
    }

    @Override
    public Writing upload(ObjectKey key, Path file, Condition condition) {
        return bucket.upload(key, file, condition);
    }

    @Override
    public Listing list(String prefix, int most) {
        return bucket.list(prefix, most);
    }

    @Override
    public Optional<Duration> clockAhead() {
        return bucket.clockAhead();
    }

    @Override
    public void close() {}
}
