package dev.flotilla.controller.local.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLocation;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.S3Bucket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

@Timeout(120)
class LocalBucketTest {
    private static final String NAME = "flotilla";
    private static final ObjectKey POINTER = new ObjectKey("pointer");
    private static final BucketCredentials CREDENTIALS = BucketCredentials.generate(new Random(7));

    @TempDir
    Path folder;

    private final AtomicLong slowestMillis = new AtomicLong();
    private LocalBucket bucket;
    private S3Client client;

    @BeforeEach
    void start() throws IOException {
        bucket = LocalBucket.start(options(0));
        client = client(bucket.endpoint(), CREDENTIALS);
    }

    @AfterEach
    void stop() {
        client.close();
        bucket.close();
    }

    @Test
    void whatIsPutIsReadBackAndIsAFileBelowTheFolder() throws IOException {
        client.putObject(request -> request.bucket(NAME).key("nodes/east/east-1.json"), text("hello"));

        assertThat(read("nodes/east/east-1.json")).isEqualTo("hello");
        assertThat(client.headObject(request -> request.bucket(NAME).key("nodes/east/east-1.json"))
                        .contentLength())
                .isEqualTo(5);
        assertThat(folder.resolve(NAME).resolve("nodes/east/east-1.json")).hasContent("hello");
    }

    @Test
    void anObjectOutlivesTheServer() throws IOException {
        client.putObject(request -> request.bucket(NAME).key("metadata/root.json"), text("root"));
        String etag = etag("metadata/root.json");
        stop();

        bucket = LocalBucket.start(options(0));
        client = client(bucket.endpoint(), CREDENTIALS);
        assertThat(read("metadata/root.json")).isEqualTo("root");
        assertThat(etag("metadata/root.json")).isEqualTo(etag);
    }

    @Test
    void aGetWithTheCurrentEtagIsNotModifiedAndWithAnotherOneIsAnswered() {
        client.putObject(request -> request.bucket(NAME).key("pointer"), text("one"));
        String etag = etag("pointer");

        S3Exception same = catchThrowableOfType(
                S3Exception.class,
                () -> client.getObjectAsBytes(
                        request -> request.bucket(NAME).key("pointer").ifNoneMatch(etag)));
        assertThat(same.statusCode()).isEqualTo(304);

        client.putObject(request -> request.bucket(NAME).key("pointer"), text("two"));
        assertThat(client.getObjectAsBytes(
                                request -> request.bucket(NAME).key("pointer").ifNoneMatch(etag))
                        .asUtf8String())
                .isEqualTo("two");
    }

    @Test
    void aRangeIsAnsweredWithThoseBytesOnly() {
        client.putObject(request -> request.bucket(NAME).key("archive"), text("0123456789"));

        assertThat(client.getObjectAsBytes(
                                request -> request.bucket(NAME).key("archive").range("bytes=3-6"))
                        .asUtf8String())
                .isEqualTo("3456");
        assertThat(client.getObjectAsBytes(
                                request -> request.bucket(NAME).key("archive").range("bytes=7-"))
                        .asUtf8String())
                .isEqualTo("789");
    }

    @Test
    void aListingHasTheKeysBelowAPrefixInOrderPageByPage() {
        for (String key :
                List.of("nodes/west/b.json", "nodes/east/a.json", "metadata/root.json", "nodes/east/c.json")) {
            client.putObject(request -> request.bucket(NAME).key(key), text(key));
        }

        List<String> keys =
                client
                        .listObjectsV2Paginator(
                                request -> request.bucket(NAME).prefix("nodes/").maxKeys(2))
                        .contents()
                        .stream()
                        .map(S3Object::key)
                        .toList();
        assertThat(keys).containsExactly("nodes/east/a.json", "nodes/east/c.json", "nodes/west/b.json");
    }

    @Test
    void aDeletedObjectIsGoneAndAMissingOneIsReportedAsMissing() {
        client.putObject(request -> request.bucket(NAME).key("old"), text("old"));
        client.deleteObject(request -> request.bucket(NAME).key("old"));

        assertThatExceptionOfType(NoSuchKeyException.class).isThrownBy(() -> read("old"));
        client.deleteObject(request -> request.bucket(NAME).key("old"));
    }

    @Test
    void severalObjectsAreDeletedByOneRequestWithABodyOfXml() {
        for (String key : List.of("a", "b", "c")) {
            client.putObject(request -> request.bucket(NAME).key(key), text(key));
        }
        List<ObjectIdentifier> keys = Stream.of("a", "c", "missing")
                .map(key -> ObjectIdentifier.builder().key(key).build())
                .toList();
        client.deleteObjects(request -> request.bucket(NAME).delete(delete -> delete.objects(keys)));

        assertThat(client.listObjectsV2(request -> request.bucket(NAME)).contents())
                .extracting(S3Object::key)
                .containsExactly("b");
    }

    @Test
    void anObjectOfSeveralMegabytesArrivesWhole() {
        byte[] bytes = new byte[24 * 1024 * 1024];
        new Random(11).nextBytes(bytes);
        client.putObject(
                request -> request.bucket(NAME).key("targets/programs/mirror.tar.gz"), RequestBody.fromBytes(bytes));

        assertThat(client.getObjectAsBytes(request -> request.bucket(NAME).key("targets/programs/mirror.tar.gz"))
                        .asByteArray())
                .isEqualTo(bytes);
    }

    @Test
    void anotherKeyIsRefused() {
        try (S3Client stranger = client(bucket.endpoint(), BucketCredentials.generate(new Random(8)))) {
            S3Exception refusal = catchThrowableOfType(
                    S3Exception.class,
                    () -> stranger.getObjectAsBytes(
                            request -> request.bucket(NAME).key("pointer")));
            assertThat(refusal.statusCode()).isEqualTo(403);
        }
    }

    @Test
    void aPutThatExpectsAnotherEtagIsRefusedAndChangesNothing() {
        client.putObject(request -> request.bucket(NAME).key("pointer"), text("one"));
        String first = etag("pointer");
        client.putObject(request -> request.bucket(NAME).key("pointer").ifMatch(first), text("two"));

        assertThat(refusedPut("pointer", "three", first)).isEqualTo(412);
        assertThat(read("pointer")).isEqualTo("two");
        assertThat(slowestMillis.get()).isLessThan(Duration.ofSeconds(5).toMillis());
    }

    @Test
    void aPutThatExpectsNoObjectIsRefusedOnceThereIsOne() {
        client.putObject(request -> request.bucket(NAME).key("pointer").ifNoneMatch("*"), text("one"));

        S3Exception refusal = catchThrowableOfType(
                S3Exception.class,
                () -> client.putObject(
                        request -> request.bucket(NAME).key("pointer").ifNoneMatch("*"), text("two")));
        assertThat(refusal.statusCode()).isEqualTo(412);
        assertThat(read("pointer")).isEqualTo("one");
    }

    @Test
    void ofTwoWritersThatExpectTheSameEtagExactlyOneWins() throws Exception {
        client.putObject(request -> request.bucket(NAME).key("pointer"), text("start"));
        race(() -> Condition.ifMatch(new ETag(etag("pointer"))));
    }

    @Test
    void ofTwoWritersThatExpectNoObjectExactlyOneWins() throws Exception {
        race(() -> {
            client.deleteObject(request -> request.bucket(NAME).key("pointer"));
            return Condition.ifAbsent();
        });
    }

    @Test
    void aPortInUseIsOneClearMessage() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> LocalBucket.start(options(taken.getLocalPort())))
                    .withMessageContaining("port " + taken.getLocalPort() + " on 127.0.0.1")
                    .withMessageContaining("in use");
        }
    }

    @Test
    void aFolderThatCanNotBeMadeIsAnInputOutputFailure() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        BucketOptions below = new BucketOptions(file.resolve("bucket"), NAME, loopback(0), CREDENTIALS);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> LocalBucket.start(below));
    }

    @Test
    void itListensOnLoopbackOnlyAndItsSecretIsNotPrinted() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new BucketOptions(folder, NAME, new InetSocketAddress(0), CREDENTIALS));
        assertThat(bucket.endpoint().getHost()).isEqualTo("127.0.0.1");
        assertThat(options(0).toString()).doesNotContain(CREDENTIALS.secretAccessKey());
    }

    /** What a round does before its two writers start: it says under which condition they write. */
    private interface Round {
        Condition prepare();
    }

    /** Lets two writers write at the same time, 50 times: one is told that it wrote, and what is stored is what it wrote. */
    private void race(Round preparation) throws Exception {
        try (ExecutorService writers = Executors.newFixedThreadPool(2);
                Bucket fleet = S3Bucket.open(location(), provider(CREDENTIALS))) {
            for (int round = 0; round < 50; round++) {
                Condition condition = preparation.prepare();
                CyclicBarrier start = new CyclicBarrier(2);
                List<Future<Writing>> results = new ArrayList<>();
                for (String value : List.of("first in " + round, "second in " + round)) {
                    Callable<Writing> write = () -> {
                        start.await();
                        return fleet.put(POINTER, value.getBytes(UTF_8), condition);
                    };
                    results.add(writers.submit(write));
                }
                boolean first = results.get(0).get() instanceof Writing.Written;
                boolean second = results.get(1).get() instanceof Writing.Written;
                assertThat(first).as("one of two in round %s", round).isNotEqualTo(second);
                assertThat(read(POINTER.value())).isEqualTo((first ? "first in " : "second in ") + round);
            }
        }
    }

    private BucketLocation location() {
        return new BucketLocation(
                NAME, Optional.of(bucket.endpoint()), "us-east-1", true, BucketLocation.TimeOuts.USUAL);
    }

    private int refusedPut(String key, String value, String expected) {
        long before = System.nanoTime();
        S3Exception refusal = catchThrowableOfType(
                S3Exception.class,
                () -> client.putObject(request -> request.bucket(NAME).key(key).ifMatch(expected), text(value)));
        slowestMillis.accumulateAndGet(
                Duration.ofNanos(System.nanoTime() - before).toMillis(), Math::max);
        return refusal.statusCode();
    }

    private String read(String key) {
        return client.getObjectAsBytes(request -> request.bucket(NAME).key(key)).asUtf8String();
    }

    private String etag(String key) {
        return client.headObject(request -> request.bucket(NAME).key(key)).eTag();
    }

    private BucketOptions options(int port) {
        return new BucketOptions(folder, NAME, loopback(port), CREDENTIALS);
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static RequestBody text(String value) {
        return RequestBody.fromBytes(value.getBytes(UTF_8));
    }

    private static AwsCredentialsProvider provider(BucketCredentials credentials) {
        return StaticCredentialsProvider.create(
                AwsBasicCredentials.create(credentials.accessKeyId(), credentials.secretAccessKey()));
    }

    private static S3Client client(URI endpoint, BucketCredentials credentials) {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(provider(credentials))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .overrideConfiguration(configuration -> configuration.addExecutionInterceptor(new NoExpectation()))
                .build();
    }

    /** Leaves {@code Expect: 100-continue} out, as every client of the local bucket has to. */
    private static final class NoExpectation implements ExecutionInterceptor {
        @Override
        public SdkHttpRequest modifyHttpRequest(Context.ModifyHttpRequest request, ExecutionAttributes attributes) {
            return request.httpRequest().toBuilder().removeHeader("Expect").build();
        }
    }
}
