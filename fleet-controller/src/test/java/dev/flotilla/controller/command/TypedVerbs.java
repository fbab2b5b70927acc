package dev.flotilla.controller.command;

import dev.flotilla.controller.local.bucket.BucketCredentials;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
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

    String path(String name) {
        return folder.resolve(name).toString();
    }
}
