package dev.flotilla.controller.lock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.local.bucket.BucketOptions;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.controller.lock.FleetLock.Taking;
import dev.flotilla.controller.publish.Programs;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.controller.publish.Publishing;
import dev.flotilla.controller.publish.TrustFolder;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.ByteSize;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Processes that are stopped by the kernel, and a real S3 server. */
class SleepingControllerTest {
    @TempDir
    Path folder;

    private FleetConfiguration fleet(LocalBucket bucket, String file, String address) throws Exception {
        Path written = Files.writeString(folder.resolve(file), """
                flotilla.fleet {
                  name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                  regions { east { nodes { east-1 { address = %s } } } }
                }
                """.formatted(bucket.endpoint(), address));
        return ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(written)).value();
    }

    /** Before it asks for its lock, and in the moment between the lock's answer and the pointer. */
    @ParameterizedTest
    @CsvSource({"metadata/2.snapshot, Fenced", "metadata/timestamp, Overtaken"})
    void aControllerThatSleptThroughItsLockChangesNothing(String beginning, String outcome) throws Exception {
        Path program = Files.writeString(folder.resolve("program"), "a program");
        new TrustFolder(folder.resolve("trust")).create(new SecureRandom());
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var key = new BucketCredentials("key", "secret");
        var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret"));
        try (var server = LocalBucket.start(new BucketOptions(folder.resolve("bucket"), "acme", anyPort, key));
                var bucket =
                        S3Bucket.open(fleet(server, "first.conf", "192.0.2.1").bucket(), credentials)) {
            var first = new Publisher(
                    fleet(server, "first.conf", "192.0.2.1"),
                    bucket,
                    program,
                    List.of(),
                    Clock.systemUTC(),
                    "test",
                    line -> {});
            assertThat(first.publish(Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Published.class);
            FleetConfiguration theirs = fleet(server, "theirs.conf", "192.0.2.2");
            Process sleeper = start(theirs.file(), program, beginning);
            try (var said = sleeper.inputReader()) {
                assertThat(said.readLine()).startsWith("about to write " + beginning);
                signal(sleeper, "STOP");
                byte[] mine;
                var lock =
                        new FleetLock(theirs.name(), bucket, Clock.systemUTC(), SleepingController.TERMS, "ann@desk");
                var taken = (Taking.Taken) lock.take("publish", Duration.ofMinutes(1), line -> {});
                assertThat(taken.abandoned())
                        .get()
                        .extracting(LockRecord::owner)
                        .isEqualTo("sleeper@bed");
                try (var holding = taken.holding()) {
                    assertThat(holding.generation()).isEqualTo(2);
                    var publisher = new Publisher(
                            fleet(server, "mine.conf", "192.0.2.3"),
                            bucket,
                            new Programs(program, Optional.empty()),
                            List.of(),
                            Clock.systemUTC(),
                            "ann@desk",
                            holding,
                            line -> {});
                    assertThat(publisher.publish(Publisher.Signing.WHEN_CHANGED))
                            .isInstanceOf(Publishing.Published.class);
                    mine = pointer(bucket);
                    signal(sleeper, "CONT");
                    sleeper.outputWriter().append('\n').flush();
                    assertThat(said.readLine()).startsWith(outcome);
                    assertThat(sleeper.waitFor()).isZero();
                    assertThat(holding.lost()).isEmpty();
                }
                assertThat(pointer(bucket)).isEqualTo(mine);
            } finally {
                sleeper.destroyForcibly().waitFor();
            }
        }
    }

    private static byte[] pointer(S3Bucket bucket) {
        var found = (Lookup.Found) bucket.get(BucketLayout.timestamp(), Optional.empty(), ByteSize.ofKiB(64));
        return found.content();
    }

    private static Process start(Path fleet, Path program, String beginning) throws Exception {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SleepingController.class.getName(),
                        fleet.toString(),
                        program.toString(),
                        beginning))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void signal(Process process, String name) throws Exception {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        assertThat(code).isZero();
    }
}
