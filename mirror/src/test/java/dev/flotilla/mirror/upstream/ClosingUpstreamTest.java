package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.ByteSize;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Upstreams that end the connection with each answer, which is over before its reader has taken it. */
@Timeout(60)
class ClosingUpstreamTest {
    /**
     * More parts of 8 KiB than Vert.x keeps for a reader that pauses, and not so many more that it stops reading: so it sees the
     * end of the connection while some of them wait.
     */
    private static final byte[] CONTENT = Bodies.content(160_000);

    /** How an answer says that it is the last one of its connection. */
    enum Farewell {
        OLD_PROTOCOL {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.body(ascii("HTTP/1.0 200 OK\r\nContent-Length: " + CONTENT.length + "\r\n\r\n"));
                reply.body(CONTENT);
            }
        },
        OLD_PROTOCOL_WITHOUT_A_LENGTH {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.body(ascii("HTTP/1.0 200 OK\r\n\r\n"));
                reply.body(CONTENT);
            }
        },
        /** It ends all the same, as servers that stop do, or that have waited long enough. */
        UNSAID {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.whole(200, CONTENT);
            }
        },
        SAID {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.whole(200, CONTENT, "Connection: close");
            }
        },
        SAID_WITH_A_BODY_IN_CHUNKS {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.head(200, "Connection: close", "Transfer-Encoding: chunked");
                reply.body(ascii(Integer.toHexString(CONTENT.length) + "\r\n"));
                reply.body(CONTENT);
                reply.body(ascii("\r\n0\r\n\r\n"));
            }
        },
        /** Each chunk is a part, so that there are just as many as are wanted here, however they travel. */
        SAID_WITH_A_BODY_IN_TINY_CHUNKS {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                var body = new StringBuilder();
                for (int i = 0; i < 20; i++) {
                    body.append("5\r\n").append(TINY, i * 5, i * 5 + 5).append("\r\n");
                }
                reply.head(200, "Connection: close", "Transfer-Encoding: chunked");
                reply.body(ascii(body + "0\r\n\r\n"));
            }

            @Override
            byte[] content() {
                return ascii(TINY);
            }
        };

        private static final String TINY = "0123456789".repeat(10);

        byte[] content() {
            return CONTENT;
        }

        abstract void answer(ScriptedServer.Reply reply) throws IOException;

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
    }

    private Vertx vertx;
    private WorkerExecutor worker;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        worker = vertx.createSharedWorkerExecutor("closing-upstream-test", 4);
    }

    @AfterEach
    void stop() throws Exception {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** One connection to a host and one request that waits for it. */
    private Upstreams upstreams(ScriptedServer server) {
        return new Upstreams(
                new Upstreams.Means(
                        vertx, HostResolver.system(worker), worker, InstantSource.system(), new SimpleMeterRegistry()),
                List.of(UpstreamIndex.of("closing", server.at("/simple/"), List.of())),
                List.of(),
                new UpstreamLimits(
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(20),
                        ByteSize.ofKiB(256),
                        ByteSize.ofKiB(256),
                        ByteSize.ofKiB(256),
                        1,
                        1,
                        5,
                        2,
                        UpstreamCare.defaults()),
                "test",
                "flotilla.east.east-1");
    }

    /**
     * Waits until the other side has seen the end of the connection, which it does at once unless so many parts came that it stopped
     * reading: then it sees the end when it goes on, and there is nothing to wait for.
     */
    private static void awaitEnd(CompletableFuture<Void> ended) throws Exception {
        ended.copy().completeOnTimeout(null, 2, TimeUnit.SECONDS).get();
    }

    /** Opens a file, on a context as each download has. */
    private static FileFetch.Opened open(
            Upstreams upstreams, ScriptedServer server, FileSource.Attempt attempt, Context context) throws Exception {
        Promise<FileFetch> opened = Promise.promise();
        context.runOnContext(
                go -> upstreams.open(server.at("/harbour-1.0.tar.gz"), attempt).onComplete(opened));
        return (FileFetch.Opened) await(opened.future());
    }

    private static Future<Buffer> read(FileFetch.Opened file, Context context) {
        Promise<Buffer> whole = Promise.promise();
        var bytes = Buffer.buffer();
        context.runOnContext(go -> file.body()
                .exceptionHandler(whole::tryFail)
                .endHandler(end -> whole.tryComplete(bytes))
                .handler(bytes::appendBuffer)
                .resume());
        return whole.future();
    }

    private static final FileSource.Attempt FURTHER = new FileSource.Attempt(1, true, Optional.empty());

    @ParameterizedTest
    @EnumSource
    void anAnswerIsReadWholeAlthoughItsConnectionHasEnded(Farewell farewell) throws Exception {
        var ended = new CompletableFuture<Void>();
        try (var server = new ScriptedServer((request, reply) -> {
            farewell.answer(reply);
            reply.endAndAwaitPeer();
            ended.complete(null);
        })) {
            var upstreams = upstreams(server);
            var context = vertx.getOrCreateContext();
            FileFetch.Opened file = open(upstreams, server, FileSource.Attempt.single(), context);
            awaitEnd(ended);
            assertThat(await(read(file, context)).getBytes()).isEqualTo(farewell.content());
        }
    }

    @Test
    void aFurtherAttemptWhoseConnectionIsUsedOnceIsReadWholeToo() throws Exception {
        var ended = new CompletableFuture<Void>();
        try (var server = new ScriptedServer((request, reply) -> {
            reply.whole(200, CONTENT); // As a server that says nothing of what it was asked for: to close.
            reply.endAndAwaitPeer();
            ended.complete(null);
        })) {
            var upstreams = upstreams(server);
            var context = vertx.getOrCreateContext();
            FileFetch.Opened file = open(upstreams, server, FURTHER, context);
            awaitEnd(ended);
            assertThat(await(read(file, context)).getBytes()).isEqualTo(CONTENT);
        }
    }

    @Test
    void anAnswerThatBrokeOffIsNotWaitedFor() throws Exception {
        try (var server = new ScriptedServer((request, reply) -> {
            reply.head(200, "Connection: close", "Content-Length: " + CONTENT.length);
            reply.body(Bodies.content(10_000));
            throw reply.cut();
        })) {
            var upstreams = upstreams(server);
            var context = vertx.getOrCreateContext();
            var reading = read(open(upstreams, server, FileSource.Attempt.single(), context), context);
            assertThatThrownBy(() -> await(reading)).isInstanceOf(ExecutionException.class);
        }
    }

    /** With one connection at a time, the second answer shows that the first one's place was given back. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNSAID") // On which the next one may set out in vain.
    void theConnectionsPlaceIsFreeOnceTheAnswerIsReadOrGivenUp(Farewell farewell) throws Exception {
        try (var server = new ScriptedServer((request, reply) -> {
            farewell.answer(reply);
            throw reply.end();
        })) {
            var upstreams = upstreams(server);
            var context = vertx.getOrCreateContext();
            for (int i = 0; i < 3; i++) {
                FileFetch.Opened given = open(upstreams, server, FileSource.Attempt.single(), context);
                context.runOnContext(go -> given.cancel());
                FileFetch.Opened read = open(upstreams, server, FileSource.Attempt.single(), context);
                assertThat(await(read(read, context)).getBytes()).isEqualTo(farewell.content());
            }
        }
    }
}
