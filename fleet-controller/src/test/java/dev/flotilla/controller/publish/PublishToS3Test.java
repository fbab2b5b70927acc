package dev.flotilla.controller.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.local.bucket.BucketOptions;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.settings.Loading;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** The real SDK over HTTP against a real S3 server. */
class PublishToS3Test {
    private static final int CONTROLLERS = 4;

    @TempDir
    Path folder;

    private FleetConfiguration fleet(LocalBucket bucket, int address) throws Exception {
        Path file = Files.writeString(
                folder.resolve("fleet-" + address + ".conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                  regions { east { nodes { east-1 { address = 192.0.2.%d } } } }
                }
                """.formatted(bucket.endpoint(), address));
        return ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
    }

    @Test
    void ofControllersThatPublishAtOnceOneWinsAndTheOthersAreTold() throws Exception {
        var key = new BucketCredentials("key", "secret");
        var credentials =
                StaticCredentialsProvider.create(AwsBasicCredentials.create(key.accessKeyId(), key.secretAccessKey()));
        Path program = Files.writeString(folder.resolve("program"), "a program");
        new TrustFolder(folder.resolve("trust")).create(new SecureRandom());
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var server = LocalBucket.start(new BucketOptions(folder.resolve("bucket"), "acme", anyPort, key));
                var bucket = S3Bucket.open(fleet(server, 1).bucket(), credentials);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var publisher = publisher(fleet(server, 1), bucket, program);
            assertThat(publisher.publish(Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Published.class);
            assertThat(publisher.publish(Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Unchanged.class);

            var together = new CyclicBarrier(CONTROLLERS);
            List<Future<Publishing>> outcomes = new ArrayList<>();
            for (int i = 0; i < CONTROLLERS; i++) {
                var rival = publisher(fleet(server, 10 + i), bucket, program);
                outcomes.add(threads.submit(() -> {
                    together.await();
                    return rival.publish(Publisher.Signing.WHEN_CHANGED);
                }));
            }
            List<Publishing.Published> winners = new ArrayList<>();
            for (Future<Publishing> outcome : outcomes) {
                // A refused conditional write must not cost time-outs of the client.
                switch (outcome.get(20, TimeUnit.SECONDS)) {
                    case Publishing.Published published -> winners.add(published);
                    case Publishing other -> assertThat(other).isInstanceOf(Publishing.Overtaken.class);
                }
            }
            assertThat(winners).isNotEmpty();
            long last = winners.stream()
                    .mapToLong(Publishing.Published::version)
                    .max()
                    .orElseThrow();
            var published = (Refreshed.Current) new PublishedMetadata(fleet(server, 1), bucket)
                    .at(Files.readAllBytes(folder.resolve("trust/root.json")), Instant.now());
            assertThat(published.metadata().targets().version()).isEqualTo(last);
            assertThat(winners.stream().map(Publishing.Published::version).distinct())
                    .hasSameSizeAs(winners);
        }
    }

    private static Publisher publisher(FleetConfiguration fleet, Bucket bucket, Path program) {
        return new Publisher(
                fleet,
                bucket,
                program,
                List.of(),
                Clock.tick(Clock.systemUTC(), Duration.ofMillis(1)),
                "test",
                line -> {});
    }
}
