package dev.flotilla.controller.local.bucket;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What a local bucket is started with.
 *
 * @param folder where the objects are kept, one folder below it per bucket; created when it is missing
 * @param name the bucket's name, created at start when it is missing
 * @param address a loopback address and the port to listen on, 0 for a free one
 * @param credentials the one key whose signatures are accepted
 * @param threadsLimit how many requests are served at once; the others wait in line
 */
public record BucketOptions(
        Path folder, String name, InetSocketAddress address, BucketCredentials credentials, int threadsLimit) {
    /** Two agents, a controller and a page for people: sixteen leaves room and keeps the heap small. */
    public static final int DEFAULT_THREADS_LIMIT = 16;

    private static final int LEAST_THREADS = 8;
    private static final Pattern BUCKET_NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    public BucketOptions {
        if (!BUCKET_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' is no bucket name");
        }
        if (address.isUnresolved() || !address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException("the local bucket listens on loopback only, not on " + address);
        }
        if (threadsLimit < LEAST_THREADS) {
            throw new IllegalArgumentException("the local bucket needs at least " + LEAST_THREADS + " threads");
        }
    }

    public BucketOptions(Path folder, String name, InetSocketAddress address, BucketCredentials credentials) {
        this(folder, name, address, credentials, DEFAULT_THREADS_LIMIT);
    }
}
