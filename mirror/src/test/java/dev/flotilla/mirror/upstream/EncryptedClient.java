package dev.flotilla.mirror.upstream;

import dev.flotilla.vocabulary.ProjectName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Fetches a page by https as the mirror does, in a process of its own: what it trusts is a property of the process. */
final class EncryptedClient {
    private EncryptedClient() {}

    /** Prints how asking for a page went at the index {@code arguments[0]}, whose host is on loopback. */
    public static void main(String[] arguments) throws Exception {
        var vertx = Vertx.vertx();
        var upstreams = new Upstreams(
                new Upstreams.Means(
                        vertx,
                        host -> Future.succeededFuture(List.of(InetAddress.ofLiteral("127.0.0.1"))),
                        vertx.createSharedWorkerExecutor("test"),
                        InstantSource.system(),
                        new SimpleMeterRegistry()),
                List.of(UpstreamIndex.of("encrypted", URI.create(arguments[0]), List.of())),
                List.of(),
                UpstreamLimits.defaults(),
                "test",
                "flotilla.east.east-1");
        PageFetch outcome = upstreams
                .page(new ProjectName("harbour"), Optional.empty(), Room.ample())
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        System.out.println("OUTCOME " + outcome);
        System.exit(0);
    }
}
