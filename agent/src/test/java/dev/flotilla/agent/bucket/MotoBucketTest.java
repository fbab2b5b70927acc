package dev.flotilla.agent.bucket;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The same against another server of S3's API. */
@Tag("real")
@Tag("moto")
class MotoBucketTest extends BucketContract {
    private static @Nullable MotoServer server;
    private ErasableBucket bucket;

    @BeforeAll
    static void startServer(@TempDir Path logs) throws IOException {
        server = MotoServer.start(logs.resolve("moto.log"));
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        MotoServer moto = Objects.requireNonNull(server);
        moto.begin();
        bucket = S3Bucket.open(S3Server.location(moto.endpoint()), S3Server.credentials(S3Server.SECRET));
    }

    @AfterEach
    void close() {
        bucket.close();
    }

    @Override
    ErasableBucket bucket() {
        return bucket;
    }
}
