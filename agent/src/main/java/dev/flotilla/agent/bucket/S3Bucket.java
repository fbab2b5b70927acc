package dev.flotilla.agent.bucket;

import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** A bucket of Amazon S3 or of a store that speaks its protocol. Every call has a time-out. Thread-safe. */
public final class S3Bucket implements ErasableBucket {
    private static final int NOT_MODIFIED = 304;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    /** What a plain web server says that knows of no writing. */
    private static final int NO_SUCH_METHOD = 405;

    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int BLOCK_BYTES = 32 << 10;

    /** The object's own metadata under which a conditional write leaves its mark. */
    private static final String MARK = "flotilla-write";

    private final BucketLocation location;
    private final S3Client client;
    private final BooleanSupplier unsigned;
    private final AwsCredentialsProvider credentials;
    private final BucketClock clock = new BucketClock(InstantSource.system());

    /** With the {@linkplain UsualCredentials credentials that the SDK finds}: environment, profile, instance role. */
    public static S3Bucket open(BucketLocation location) {
        return open(location, new UsualCredentials());
    }

    /** The same; where there are none, without: a public bucket can be read so, and written by nobody. */
    public static S3Bucket openWithCredentialsIfAny(BucketLocation location) {
        return open(location, new CredentialsIfAny(new UsualCredentials(), System::nanoTime));
    }

    private static S3Bucket open(BucketLocation location, CredentialsIfAny credentials) {
        return open(location, credentials, Authorities.named());
    }

    static S3Bucket open(BucketLocation location, CredentialsIfAny credentials, Optional<Path> authorities) {
        return new S3Bucket(location, credentials, credentials::areMissing, authorities);
    }

    public static S3Bucket open(BucketLocation location, AwsCredentialsProvider credentials) {
        return new S3Bucket(location, credentials, () -> false, Authorities.named());
    }

    /** @param authorities the file with those whose certificates a server may show; absent for those that Java knows */
    private S3Bucket(
            BucketLocation location,
            AwsCredentialsProvider credentials,
            BooleanSupplier unsigned,
            Optional<Path> authorities) {
        this.location = location;
        this.unsigned = unsigned;
        this.credentials = credentials;
        var timeOuts = location.timeOuts();
        var http = UrlConnectionHttpClient.builder()
                .connectionTimeout(timeOuts.connect())
                .socketTimeout(timeOuts.read());
        authorities.ifPresent(bundle -> http.tlsTrustManagersProvider(() -> Authorities.in(bundle)));
        var builder = S3Client.builder()
                .httpClientBuilder(http)
                .region(Region.of(location.awsRegion()))
                .forcePathStyle(location.pathStyle())
                .credentialsProvider(credentials)
                // Stores other than S3 refuse the checksums that the SDK adds by itself.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(ClientOverrideConfiguration.builder()
                        .apiCallTimeout(timeOuts.call())
                        .addExecutionInterceptor(new NoExpectation())
                        .addExecutionInterceptor(clock)
                        .build());
        location.endpoint().ifPresent(builder::endpointOverride);
        this.client = builder.build();
    }

    @Override
    public Lookup get(ObjectKey key, Optional<ETag> known, ByteSize limit) {
        var request = GetObjectRequest.builder().bucket(location.name()).key(key.value());
        known.ifPresent(etag -> request.ifNoneMatch(etag.value()));
        try (ResponseInputStream<GetObjectResponse> object = client.getObject(request.build())) {
            int most = Math.toIntExact(Math.min(limit.bytes(), Integer.MAX_VALUE - 1L));
            byte[] content = object.readNBytes(most + 1);
            if (content.length > most) {
                object.abort();
                return new Lookup.TooLarge(tooLarge(key, limit));
            }
            return new Lookup.Found(content, new ETag(object.response().eTag()));
        } catch (AwsServiceException refused) {
            return switch (refused.statusCode()) {
                case NOT_MODIFIED -> new Lookup.NotModified();
                case FORBIDDEN, NOT_FOUND -> new Lookup.Absent(absent(key, refused));
                default -> new Lookup.Failed(failed("read", key, refused));
            };
        } catch (SdkException | IOException | IllegalArgumentException broken) {
            return new Lookup.Failed(failed("read", key, broken));
        }
    }

    @Override
    public Presence look(ObjectKey key) {
        try {
            var head = head(key);
            return new Presence.There(new ETag(head.eTag()), new ByteSize(head.contentLength()));
        } catch (AwsServiceException refused) {
            return refused.statusCode() == FORBIDDEN || refused.statusCode() == NOT_FOUND
                    ? new Presence.Absent(absent(key, refused))
                    : new Presence.Failed(failed("look at", key, refused));
        } catch (SdkException | IllegalArgumentException broken) {
            return new Presence.Failed(failed("look at", key, broken));
        }
    }

    @Override
    public Download download(ObjectKey key, PartialFile file, ByteSize limit, BooleanSupplier wanted) {
        try {
            Optional<ETag> begun = file.begun();
            if (begun.isPresent() && file.length() == limit.bytes()) {
                return new Download.Done(limit);
            }
            if (begun.isPresent()) {
                try {
                    return fetched(key, file, begun, limit, wanted);
                } catch (AwsServiceException changed) {
                    if (changed.statusCode() != PRECONDITION_FAILED && changed.statusCode() != RANGE_NOT_SATISFIABLE) {
                        throw changed;
                    }
                }
            }
            return fetched(key, file, Optional.empty(), limit, wanted);
        } catch (AwsServiceException refused) {
            return refused.statusCode() == FORBIDDEN || refused.statusCode() == NOT_FOUND
                    ? new Download.Absent(absent(key, refused))
                    : new Download.Failed(failed("download", key, refused));
        } catch (SdkException | IOException | IllegalArgumentException broken) {
            return new Download.Failed(failed("download", key, broken));
        }
    }

    /** @param begun the version to go on with; absent to begin anew */
    private Download fetched(
            ObjectKey key, PartialFile file, Optional<ETag> begun, ByteSize limit, BooleanSupplier wanted)
            throws IOException {
        long deadline = System.nanoTime() + location.timeOuts().call().toNanos();
        long there = begun.isPresent() ? file.length() : 0;
        var request = GetObjectRequest.builder().bucket(location.name()).key(key.value());
        begun.ifPresent(version -> request.range("bytes=" + there + "-").ifMatch(version.value()));
        try (ResponseInputStream<GetObjectResponse> object = client.getObject(request.build())) {
            long total = there;
            if (begun.isEmpty() || !continues(object.response(), there)) {
                file.begin(new ETag(object.response().eTag()));
                total = 0;
            }
            try (OutputStream end = file.end()) {
                byte[] block = new byte[BLOCK_BYTES];
                for (int read = object.read(block); read >= 0; read = object.read(block)) {
                    total += read;
                    if (total > limit.bytes()) {
                        object.abort();
                        file.remove();
                        return new Download.TooLarge(tooLarge(key, limit));
                    }
                    write(end, file, block, read);
                    if (!wanted.getAsBoolean()) {
                        object.abort();
                        return new Download.BrokenOff();
                    }
                    if (System.nanoTime() - deadline > 0) {
                        object.abort();
                        return new Download.Failed("could not download " + key + " in bucket " + location + ": " + total
                                + " bytes have come in "
                                + location.timeOuts().call().toSeconds() + " s");
                    }
                }
            }
            return new Download.Done(new ByteSize(total));
        }
    }

    /** A store that doesn't know ranges sends the whole. */
    private static boolean continues(GetObjectResponse response, long there) {
        return response.contentRange() != null && response.contentRange().startsWith("bytes " + there + "-");
    }

    /** Where the disk is full, what is there would only keep it full. */
    private static void write(OutputStream end, PartialFile file, byte[] block, int length) throws IOException {
        try {
            end.write(block, 0, length);
        } catch (IOException full) {
            file.remove();
            throw full;
        }
    }

    @Override
    public Writing put(ObjectKey key, byte[] content, Condition condition) {
        return put(key, RequestBody.fromBytes(content), condition);
    }

    @Override
    public Writing upload(ObjectKey key, Path file, Condition condition) {
        return put(key, RequestBody.fromFile(file), condition);
    }

    private Writing put(ObjectKey key, RequestBody body, Condition condition) {
        var request = PutObjectRequest.builder().bucket(location.name()).key(key.value());
        if (key.value().endsWith(".json")) {
            request.contentType("application/json");
        }
        String mark = UUID.randomUUID().toString();
        switch (condition) {
            case Condition.None ignored -> {}
            case Condition.IfMatch match ->
                request.ifMatch(match.etag().value()).metadata(Map.of(MARK, mark));
            case Condition.IfAbsent ignored -> request.ifNoneMatch("*").metadata(Map.of(MARK, mark));
        }
        try {
            return new Writing.Written(
                    new ETag(client.putObject(request.build(), body).eTag()));
        } catch (AwsServiceException refused) {
            return switch (refused.statusCode()) {
                case PRECONDITION_FAILED, CONFLICT -> refused(key, mark, refused);
                case UNAUTHORIZED, FORBIDDEN, NO_SUCH_METHOD -> new Writing.Failed(forbidden(key, refused), true);
                default -> new Writing.Failed(failed("write", key, refused));
            };
        } catch (SdkException | IllegalArgumentException broken) {
            return new Writing.Failed(failed("write", key, broken));
        }
    }

    /**
     * Whether a condition that didn't hold was broken by this very write: where the answer to an attempt is lost, the SDK
     * makes another, which meets what the first has written.
     */
    private Writing refused(ObjectKey key, String mark, AwsServiceException refused) {
        try {
            var head = head(key);
            if (mark.equals(head.metadata().get(MARK))) {
                return new Writing.Written(new ETag(head.eTag()));
            }
        } catch (SdkException unreadable) {
            refused.addSuppressed(unreadable);
        }
        return new Writing.Conflict(failed("write", key, refused));
    }

    private HeadObjectResponse head(ObjectKey key) {
        return client.headObject(HeadObjectRequest.builder()
                .bucket(location.name())
                .key(key.value())
                .build());
    }

    @Override
    public Listing list(String prefix, int most) {
        var request = ListObjectsV2Request.builder()
                .bucket(location.name())
                .prefix(prefix)
                .build();
        List<ObjectKey> keys = new ArrayList<>();
        int seen = 0;
        try {
            while (true) {
                ListObjectsV2Response page = client.listObjectsV2(request);
                page.contents().forEach(object -> ObjectKey.parse(object.key()).ifPresent(keys::add));
                seen += page.contents().size();
                if (keys.size() > most) {
                    return new Listing.TooMany(
                            "there are more than " + most + " objects below " + prefix + " in bucket " + location);
                }
                if (!Boolean.TRUE.equals(page.isTruncated())) {
                    return new Listing.Keys(keys.stream().sorted().toList(), seen - keys.size());
                }
                request = request.toBuilder()
                        .continuationToken(page.nextContinuationToken())
                        .build();
            }
        } catch (AwsServiceException refused) {
            return new Listing.Failed(
                    refused.statusCode() == FORBIDDEN || refused.statusCode() == UNAUTHORIZED
                            ? "what is below " + prefix + " in bucket " + location + " may not be listed (status "
                                    + refused.statusCode() + ", asked with " + whose() + ")"
                            : "could not list " + prefix + " in bucket " + location + ": " + reason(refused));
        } catch (SdkException | IllegalArgumentException broken) {
            return new Listing.Failed("could not list " + prefix + " in bucket " + location + ": " + reason(broken));
        }
    }

    @Override
    public Erasing erase(ObjectKey key) {
        try {
            client.deleteObject(DeleteObjectRequest.builder()
                    .bucket(location.name())
                    .key(key.value())
                    .build());
            return new Erasing.Erased();
        } catch (SdkException | IllegalArgumentException refused) {
            return new Erasing.Failed(failed("delete", key, refused));
        }
    }

    /**
     * Signs a GET of the object at {@code location}, which is this bucket's own. By the server's clock, as far as it is known: it judges the
     * signature. May take as long as credentials take to be had.
     */
    public Signing sign(URI location) {
        try {
            AwsCredentials found = credentials.resolveCredentials();
            if (unsigned.getAsBoolean()) {
                return new Signing.Unsigned("no credentials were found");
            }
            Instant now = Instant.now().plus(clockAhead().orElse(Duration.ZERO));
            return new Signing.Signed(RequestSignature.of(location, found, this.location.awsRegion(), now));
        } catch (SdkException | IllegalArgumentException broken) {
            return new Signing.Failed("could not sign for bucket " + this.location + ": " + reason(broken));
        }
    }

    @Override
    public Optional<Duration> clockAhead() {
        return clock.ahead();
    }

    @Override
    public void close() {
        client.close();
    }

    private String tooLarge(ObjectKey key, ByteSize limit) {
        return key + " in bucket " + location + " is larger than " + limit;
    }

    private String absent(ObjectKey key, AwsServiceException refused) {
        return "there is no " + key + " in bucket " + location + ", or it may not be read (status "
                + refused.statusCode() + withWhat() + ")";
    }

    /** Without what the server says, which is another text for each request. */
    private String forbidden(ObjectKey key, AwsServiceException refused) {
        return key + " in bucket " + location + " may not be written (status " + refused.statusCode() + withWhat()
                + ")";
    }

    /** Whose credentials these are: the key's name, which is no secret. */
    private String whose() {
        try {
            return unsigned.getAsBoolean()
                    ? "no credentials, for none were found"
                    : "the access key " + credentials.resolveCredentials().accessKeyId();
        } catch (SdkException gone) {
            return "credentials that are gone";
        }
    }

    private String withWhat() {
        return unsigned.getAsBoolean() ? ", asked without credentials, for none were found" : "";
    }

    private String failed(String what, ObjectKey key, Exception why) {
        return "could not " + what + " " + key + " in bucket " + location + ": " + reason(why);
    }

    /** The innermost message: what the SDK wraps around it says only that a request failed. */
    private static String reason(Throwable why) {
        return Authorities.complaint(why).orElseGet(() -> innermost(why));
    }

    private static String innermost(Throwable why) {
        Throwable inner = why;
        while (inner.getCause() != null) {
            inner = inner.getCause();
        }
        String message = inner.getMessage();
        return message == null
                ? inner.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }

    /**
     * Leaves {@code Expect: 100-continue} out. A store that refuses a conditional write before it has read the body closes
     * the connection, and the client would wait out its read time-out again and again.
     */
    private static final class NoExpectation implements ExecutionInterceptor {
        @Override
        public SdkHttpRequest modifyHttpRequest(
                Context.ModifyHttpRequest context, ExecutionAttributes executionAttributes) {
            return context.httpRequest().toBuilder().removeHeader("Expect").build();
        }
    }
}
