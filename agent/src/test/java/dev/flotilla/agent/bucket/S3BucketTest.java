package dev.flotilla.agent.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.testing.FreePort;
import dev.flotilla.vocabulary.ByteSize;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3BucketTest extends BucketContract {
    private static final ObjectKey KEY = new ObjectKey("metadata/targets.json");

    private S3Server server;
    private ErasableBucket bucket;

    @BeforeEach
    void start(@TempDir Path objects) throws Exception {
        server = S3Server.start(objects);
        bucket = server.client();
    }

    @AfterEach
    void stop() throws Exception {
        bucket.close();
        server.close();
    }

    @Override
    ErasableBucket bucket() {
        return bucket;
    }

    @Test
    void aWrongSecretReadsAsAbsentAndWritesAsFailed() {
        bucket.put(KEY, new byte[1], Condition.none());
        try (Bucket stranger = S3Bucket.open(server.location(), S3Server.credentials("wrong"))) {
            assertThat(stranger.get(KEY, Optional.empty(), ByteSize.ofKiB(1))).isInstanceOf(Lookup.Absent.class);
            assertThat(stranger.put(KEY, new byte[1], Condition.none())).isInstanceOf(Writing.Failed.class);
        }
    }

    @Test
    void theBucketsAnswersTellItsTime() {
        try (Bucket fresh = S3Bucket.open(server.location(), S3Server.credentials(S3Server.SECRET))) {
            assertThat(fresh.clockAhead()).isEmpty();
            fresh.get(KEY, Optional.empty(), ByteSize.ofKiB(1));
            assertThat(fresh.clockAhead().orElseThrow()).isBetween(Duration.ofSeconds(-2), Duration.ofSeconds(2));
        }
    }

    @Test
    void aConditionalWriteWhoseAnswerIsLostIsNoConflictWithItself() throws Exception {
        try (var way = new ForgetfulWay(server.endpoint());
                Bucket far = S3Bucket.open(S3Server.location(way.entry()), S3Server.credentials(S3Server.SECRET))) {
            way.forgetNextAnswer();
            ETag first = written(far.put(KEY, "one".getBytes(UTF_8), Condition.ifAbsent()));
            assertThat(far.put(KEY, "two".getBytes(UTF_8), Condition.ifAbsent()))
                    .isInstanceOf(Writing.Conflict.class);

            way.forgetNextAnswer();
            written(far.put(KEY, "three".getBytes(UTF_8), Condition.ifMatch(first)));
            assertThat(far.put(KEY, "four".getBytes(UTF_8), Condition.ifMatch(first)))
                    .isInstanceOf(Writing.Conflict.class);
            assertThat(way.forgotten()).isEqualTo(2);
        }
    }

    /** S3 says so of two conditional writes that meet (409), and other stores where S3 says 412. */
    @ParameterizedTest
    @ValueSource(ints = {409, 412})
    void aWriteThatMeetsAnotherIsAConflictByEitherStatus(int status) throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(exchange.getRequestMethod().equals("PUT") ? status : 404, -1);
            exchange.close();
        });
        server.start();
        var location = S3Server.location(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
        try (Bucket meeting = S3Bucket.open(location, S3Server.credentials(S3Server.SECRET))) {
            assertThat(meeting.put(KEY, new byte[1], Condition.ifAbsent())).isInstanceOf(Writing.Conflict.class);
            assertThat(meeting.put(KEY, new byte[1], Condition.ifMatch(new ETag("\"x\""))))
                    .isInstanceOf(Writing.Conflict.class);
        } finally {
            server.stop(0);
        }
    }

    private static ETag written(Writing writing) {
        assertThat(writing).isInstanceOf(Writing.Written.class);
        return ((Writing.Written) writing).etag();
    }

    @Test
    void aServerThatIsNotThereIsAFailureThatNamesIt() throws Exception {
        URI nobody = URI.create("http://127.0.0.1:" + FreePort.choose());
        try (Bucket away = S3Bucket.open(S3Server.location(nobody), S3Server.credentials(S3Server.SECRET))) {
            assertThat(away.get(KEY, Optional.empty(), ByteSize.ofKiB(1)))
                    .isInstanceOfSatisfying(
                            Lookup.Failed.class,
                            failed -> assertThat(failed.reason())
                                    .contains("metadata/targets.json", nobody.toString(), "Connection refused"));
            assertThat(away.put(KEY, new byte[1], Condition.none())).isInstanceOf(Writing.Failed.class);
        }
    }

    @Test
    void aServerThatAcceptsAndSaysNothingIsAFailureInTime() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var location = new BucketLocation(
                    "fleet",
                    Optional.of(URI.create("http://127.0.0.1:" + silent.getLocalPort())),
                    "us-east-1",
                    true,
                    new BucketLocation.TimeOuts(Duration.ofMillis(200), Duration.ofMillis(200), Duration.ofSeconds(2)));
            try (Bucket hanging = S3Bucket.open(location, S3Server.credentials(S3Server.SECRET))) {
                long begin = System.nanoTime();
                assertThat(hanging.get(KEY, Optional.empty(), ByteSize.ofKiB(1)))
                        .isInstanceOf(Lookup.Failed.class);
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
            }
        }
    }
}
