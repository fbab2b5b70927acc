package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.local.bucket.BucketOptions;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** The verbs as somebody types them, in a folder of the test's own. */
abstract class TypedVerbs {
    static final BucketCredentials KEY = new BucketCredentials("key", "secret");

    @TempDir
    Path folder;

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();

    int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var credentials =
                StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY.accessKeyId(), KEY.secretAccessKey()));
        CommandLine line = FlotillaCommand.with(List.of(
                new InitCommand(new SecureRandom()),
                new KeysCommand(Clock.systemUTC(), new SecureRandom()),
                new SignCommand(),
                new PublishCommand(Clock.systemUTC(), () -> credentials, folder, "test@here"),
                new DrainCommand(Clock.systemUTC(), () -> credentials, "test@here"),
                new UndrainCommand(Clock.systemUTC(), () -> credentials, "test@here"),
                new PurgeCommand(Clock.systemUTC(), () -> credentials, "test@here"),
                RolloutCommand.with(
                        List.of(new RolloutWishCommand.Pause(Clock.systemUTC(), () -> credentials, "test@here"))),
                new AuditCommand(() -> credentials),
                new IamCommand(),
                WheelsCommand.with(List.of(
                        new WheelsPlanCommand(new Workplace(
                                Clock.systemUTC(), () -> credentials, folder, "test@here", Map.of(), Optional.empty())),
                        new WheelsPublishCommand(Clock.systemUTC(), () -> credentials, "test@here"),
                        new WheelsStatusCommand(Clock.systemUTC(), () -> credentials),
                        new WheelsCleanCommand(
                                Clock.offset(Clock.systemUTC(), ahead), () -> credentials, "test@here"))),
                new LockCommand(Clock.systemUTC(), () -> credentials, "test@here"),
                new StatusCommand(
                        Clock.systemUTC(),
                        () -> credentials,
                        state -> {
                            throw new IOException("nothing runs in " + state);
                        },
                        folder.resolve("usual"),
                        false)));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    /** By how much the clock of verbs is ahead that wait for times to be over. */
    Duration ahead = Duration.ZERO;

    String path(String name) {
        return folder.resolve(name).toString();
    }

    /** A bucket {@code acme} of the test's own. */
    LocalBucket bucket() throws IOException {
        return LocalBucket.start(new BucketOptions(
                folder.resolve("bucket"), "acme", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), KEY));
    }

    /** Begins the fleet {@code acme} in that bucket, with keys; {@code settings} is what its file says beside name and bucket. */
    Path fleet(LocalBucket bucket, String settings) throws IOException {
        run("init", path("acme"));
        return Files.writeString(
                folder.resolve("acme/fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                %s}
                """.formatted(bucket.endpoint(), settings.indent(2)));
    }

    /** Has a program of mirrors to publish. */
    void program() throws IOException {
        Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
    }

    /** What a file of a fleet says. */
    static FleetConfiguration read(Path file) {
        return ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
    }

    /** The bucket that it names, in the hands of who has its key. */
    static Bucket open(Path file) {
        return S3Bucket.open(
                read(file).bucket(),
                StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY.accessKeyId(), KEY.secretAccessKey())));
    }
}
