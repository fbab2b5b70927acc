package dev.flotilla.controller.local.bucket;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.util.concurrent.TimeoutException;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An S3 server on loopback that keeps one bucket as files below a folder; objects outlive it.
 *
 * <p>It takes Signature Version 4 with one key, and knows what the fleet uses: PutObject with {@code If-Match} and
 * {@code If-None-Match: *}, GetObject with ranges and {@code If-None-Match}, HeadObject, ListObjectsV2, DeleteObject.
 * Conditional puts are atomic within this process (Amazon S3 User Guide, "Add preconditions to S3 operations with
 * conditional requests"); two servers on one folder are not supported. Thread-safe.
 *
 * <p>The server answers a conditional put that it refuses before it has read the body. With the SDK's
 * {@code url-connection-client} that costs up to 30 s where the request carries {@code Expect: 100-continue}: clients
 * of this bucket leave that header out (an execution interceptor that removes it).
 */
public final class LocalBucket implements AutoCloseable {
    /** How long requests in flight may go on after {@link #close()} was called; idle connections use it up. */
    private static final long STOP_MILLIS = 500;

    private static final Logger LOG = LoggerFactory.getLogger(LocalBucket.class);

    private final S3Proxy server;
    private final BucketOptions options;
    private final URI endpoint;

    private LocalBucket(S3Proxy server, BucketOptions options, URI endpoint) {
        this.server = server;
        this.options = options;
        this.endpoint = endpoint;
    }

    /**
     * Starts the server; when this returns it answers and the bucket exists.
     *
     * @throws IOException if the folder can't be made or written, or the port is taken; the message says which
     */
    public static LocalBucket start(BucketOptions options) throws IOException {
        Files.createDirectories(options.folder().resolve(options.name()));
        FilesystemNio2BlobStore files =
                new FilesystemNio2BlobStore(options.folder().toAbsolutePath().toString());
        S3Proxy server = S3Proxy.builder()
                .endpoint(endpoint(options.address(), options.address().getPort()))
                .awsAuthentication(
                        AuthenticationType.AWS_V4,
                        options.credentials().accessKeyId(),
                        options.credentials().secretAccessKey())
                .blobStore(new ConditionalWrites(files))
                .jettyMaxThreads(options.threadsLimit())
                .stopTimeout(STOP_MILLIS)
                .ignoreUnknownHeaders(true)
                .build();
        LocalBucket bucket;
        try {
            server.start();
            bucket = new LocalBucket(server, options, endpoint(options.address(), server.getPort()));
        } catch (Exception failure) {
            stop(server);
            throw refusal(options.address(), failure);
        }
        return bucket;
    }

    /** Where clients reach it, {@code http://127.0.0.1:PORT}; to be used with path-style addressing. */
    public URI endpoint() {
        return endpoint;
    }

    public String name() {
        return options.name();
    }

    public BucketCredentials credentials() {
        return options.credentials();
    }

    /** Ends the server: what runs may go on for half a second. The files stay. */
    @Override
    public void close() {
        stop(server);
    }

    private static void stop(S3Proxy server) {
        try {
            server.stop();
        } catch (TimeoutException connectionsWereStillOpen) {
            LOG.debug("connections to the local bucket were cut at its end");
        } catch (Exception failure) {
            throw new IllegalStateException("the local bucket does not stop: " + failure.getMessage(), failure);
        }
    }

    private static IOException refusal(InetSocketAddress address, Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return new IOException(
                        "port " + address.getPort() + " on "
                                + address.getAddress().getHostAddress()
                                + " can't be used for the local bucket: " + cause.getMessage(),
                        failure);
            }
        }
        return new IOException("the local bucket does not start: " + failure.getMessage(), failure);
    }

    private static URI endpoint(InetSocketAddress address, int port) {
        InetAddress host = address.getAddress();
        String text = host instanceof Inet6Address ? "[" + host.getHostAddress() + "]" : host.getHostAddress();
        return URI.create("http://" + text + ":" + port);
    }
}
