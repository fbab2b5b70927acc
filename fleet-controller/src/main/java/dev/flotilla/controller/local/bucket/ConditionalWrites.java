package dev.flotilla.controller.local.bucket;

import java.io.InputStream;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/**
 * Makes {@code If-Match} hold under concurrency: the server compares the ETag before it hands a put on, so two writers
 * may both pass; here the comparison is done again under a lock that every write of the same key takes.
 *
 * <p>Multipart uploads and copies are not conditional and do not take the lock. Thread-safe.
 */
final class ConditionalWrites extends ForwardingBlobStore {
    /** Keys that share a lock only wait for each other; 64 makes that rare without a map that grows. */
    private static final int LOCKS = 64;

    private static final int PRECONDITION_FAILED = 412;

    private final Lock[] locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toArray(Lock[]::new);

    ConditionalWrites(BlobStore files) {
        super(files);
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream payload) {
        Lock lock = lockFor(request.bucket(), request.key());
        lock.lock();
        try {
            requireMatch(request.bucket(), request.key(), request.ifMatch());
            return super.putBlob(request, payload);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
        Lock lock = lockFor(request.bucket(), request.key());
        lock.lock();
        try {
            requireMatch(request.bucket(), request.key(), request.ifMatch());
            return super.removeBlob(request);
        } finally {
            lock.unlock();
        }
    }

    private void requireMatch(String bucket, String key, @Nullable String expected) {
        if (expected == null) {
            return;
        }
        @Nullable HeadObjectResponse current = blobMetadataIfPresent(bucket, key);
        if (current == null || !(expected.equals("*") || bare(expected).equals(bare(current.eTag())))) {
            throw S3Exceptions.fromStatusCode(PRECONDITION_FAILED);
        }
    }

    private Lock lockFor(String bucket, String key) {
        return locks[Math.floorMod(31 * bucket.hashCode() + key.hashCode(), LOCKS)];
    }

    private static String bare(String etag) {
        return etag.replace("\"", "");
    }
}
