package dev.flotilla.controller.lock;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.DelegatingBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.publish.Programs;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** A controller in a process of its own, which says when it is about to write a certain object, and then waits for a line. */
final class SleepingController {
    static final FleetLock.Terms TERMS =
            new FleetLock.Terms(Duration.ofSeconds(2), Duration.ofMillis(300), Duration.ofMillis(50));

    private SleepingController() {}

    /** {@code SleepingController FLEET-CONF PROGRAM BEGINNING-OF-KEY}. */
    public static void main(String[] arguments) throws Exception {
        var fleet = ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(Path.of(arguments[0]))).value();
        var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret"));
        try (var real = S3Bucket.open(fleet.bucket(), credentials)) {
            var bucket = new Waiting(real, arguments[2]);
            var lock = new FleetLock(fleet.name(), bucket, Clock.systemUTC(), TERMS, "sleeper@bed");
            var holding = ((FleetLock.Taking.Taken) lock.take("publish", Duration.ZERO, line -> {})).holding();
            try (holding) {
                var publisher = new Publisher(
                        fleet,
                        bucket,
                        new Programs(Path.of(arguments[1]), Optional.empty()),
                        List.of(),
                        Clock.systemUTC(),
                        "sleeper@bed",
                        holding,
                        line -> {});
                System.out.println(publisher.publish(Publisher.Signing.WHEN_CHANGED));
            }
        }
    }

    private static final class Waiting extends DelegatingBucket {
        private final String beginning;

        Waiting(Bucket bucket, String beginning) {
            super(bucket);
            this.beginning = beginning;
        }

        @Override
        public Writing put(ObjectKey key, byte[] content, Condition condition) {
            if (key.value().startsWith(beginning)) {
                System.out.println("about to write " + key);
                try {
                    if (System.in.read() < 0) {
                        throw new AssertionError("the test has ended");
                    }
                } catch (IOException gone) {
                    throw new AssertionError(gone);
                }
            }
            return super.put(key, content, condition);
        }
    }
}
