package dev.flotilla.agent.bucket;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;

/** A real S3 server, on loopback where nothing else is said, which keeps its objects as files below a folder. */
public final class S3Server implements AutoCloseable {
    public static final String NAME = "fleet";
    public static final String KEY = "test";
    public static final String SECRET = "secret-for-tests";

    private final S3Proxy server;
    private final String address;

    private S3Server(S3Proxy server, String address) {
        this.server = server;
        this.address = address;
    }

    public static S3Server start(Path folder) throws Exception {
        return start(folder, "127.0.0.1");
    }

    /** On a network of the test's own, at this address. */
    public static S3Server start(Path folder, String address) throws Exception {
        return start(folder, address, store(folder));
    }

    /** One that everybody may read what begins with {@code prefix} from, without credentials. */
    public static S3Server startOpen(Path folder, String prefix) throws Exception {
        return start(folder, "127.0.0.1", new ForwardingBlobStore(store(folder)) {
            @Override
            public ObjectCannedACL getBlobAccess(String bucket, String key) {
                return key.startsWith(prefix) ? ObjectCannedACL.PUBLIC_READ : super.getBlobAccess(bucket, key);
            }
        });
    }

    private static BlobStore store(Path folder) throws IOException {
        return new FilesystemNio2BlobStore(Files.createDirectories(folder).toString());
    }

    private static S3Server start(Path folder, String address, BlobStore objects) throws Exception {
        Files.createDirectories(folder.resolve(NAME));
        S3Proxy server = S3Proxy.builder()
                .endpoint(URI.create("http://" + address + ":0"))
                .awsAuthentication(AuthenticationType.AWS_V4, KEY, SECRET)
                .blobStore(objects)
                .jettyMaxThreads(20)
                .stopTimeout(500)
                .ignoreUnknownHeaders(true)
                .build();
        server.start();
        return new S3Server(server, address);
    }

    public URI endpoint() {
        return URI.create("http://" + address + ":" + server.getPort());
    }

    public BucketLocation location() {
        return location(endpoint());
    }

    static BucketLocation location(URI endpoint) {
        return new BucketLocation(
                NAME,
                Optional.of(endpoint),
                "us-east-1",
                true,
                new BucketLocation.TimeOuts(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(20)));
    }

    /** A client of this server with the right credentials. */
    public ErasableBucket client() {
        return S3Bucket.open(location(), credentials(SECRET));
    }

    static StaticCredentialsProvider credentials(String secret) {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY, secret));
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (TimeoutException connectionsWereStillOpen) {
            // Cut by now, which is all that a test wants.
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }
}
