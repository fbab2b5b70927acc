package dev.flotilla.mirror.files;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.Store;
import dev.flotilla.mirror.store.StoreLimits;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.upstream.HostResolver;
import dev.flotilla.mirror.upstream.MissLimits;
import dev.flotilla.mirror.upstream.Misses;
import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.mirror.upstream.UpstreamCare;
import dev.flotilla.mirror.upstream.UpstreamIndex;
import dev.flotilla.mirror.upstream.UpstreamLimits;
import dev.flotilla.mirror.upstream.Upstreams;
import dev.flotilla.vocabulary.ByteSize;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The files of one upstream, with a real store and real connections, behind a small HTTP server of the test's own. */
final class FilesUnderTest implements AutoCloseable {
    private static UpstreamLimits upstreamLimits(Duration idleTimeout) {
        return new UpstreamLimits(
                Duration.ofSeconds(2),
                idleTimeout,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                ByteSize.ofMiB(1),
                ByteSize.ofMiB(1),
                ByteSize.ofMiB(1),
                8,
                100,
                5,
                2,
                UpstreamCare.defaults());
    }

    private static final Duration IDLE_TIMEOUT = Duration.ofMillis(600);
    static final FileLimits LIMITS = new FileLimits(
            8,
            100,
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            3,
            ByteSize.ofGiB(1),
            ByteSize.ofKiB(64),
            ByteSize.ofKiB(64),
            ByteSize.ofKiB(256),
            10_000,
            100,
            ByteSize.ofKiB(512),
            ByteSize.ofMiB(1),
            ByteSize.ofKiB(128),
            ByteSize.ofMiB(4),
            ByteSize.ofMiB(2));

    final Vertx vertx = Vertx.vertx();
    final Store store;
    final MirroredFiles files;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Map<FilePath, FileOffer> offers = new ConcurrentHashMap<>();

    /** How many requests for files came whose page was asked. */
    final AtomicInteger asked = new AtomicInteger();

    private final Upstreams upstreams;
    private final HttpServer server;

    FilesUnderTest(Path folder, ScriptedServer upstream) throws IOException {
        this(folder, upstream, LIMITS, ByteSize.ofMiB(400), false);
    }

    /** Files of an upstream that a test makes wait, as long as a busy machine takes. */
    static FilesUnderTest patient(Path folder, ScriptedServer upstream) throws IOException {
        return patient(folder, upstream, LIMITS, ByteSize.ofMiB(400));
    }

    static FilesUnderTest patient(Path folder, ScriptedServer upstream, FileLimits limits, ByteSize budget)
            throws IOException {
        return new FilesUnderTest(
                folder,
                UpstreamIndex.of("upstream", upstream.at("/simple/"), List.of()),
                Optional.empty(),
                limits,
                budget,
                Duration.ofSeconds(20));
    }

    /** @param byPath whether the upstream has paths in PyPI's own form */
    FilesUnderTest(Path folder, ScriptedServer upstream, FileLimits limits, ByteSize budget, boolean byPath)
            throws IOException {
        this(
                folder,
                new UpstreamIndex(
                        "upstream",
                        upstream.at("/simple/"),
                        List.of(),
                        byPath ? Optional.of(upstream.at("/")) : Optional.empty()),
                Optional.empty(),
                limits,
                budget,
                IDLE_TIMEOUT);
    }

    /** Files of an upstream whose one host has these addresses, the first one first. */
    FilesUnderTest(Path folder, URI index, InetAddress... addresses) throws IOException {
        this(
                folder,
                UpstreamIndex.of("edge", index, List.of()),
                Optional.of(host -> Future.succeededFuture(List.of(addresses))),
                LIMITS,
                ByteSize.ofMiB(400),
                IDLE_TIMEOUT);
    }

    private FilesUnderTest(
            Path folder,
            UpstreamIndex index,
            Optional<HostResolver> resolver,
            FileLimits limits,
            ByteSize budget,
            Duration idleTimeout)
            throws IOException {
        WorkerExecutor shortWork = vertx.createSharedWorkerExecutor("short-file-work", 8);
        WorkerExecutor longWork = vertx.createSharedWorkerExecutor("long-file-work", 4);
        store = Store.open(folder, new StoreLimits(budget, ByteSize.ofMiB(1)), meters);
        upstreams = new Upstreams(
                new Upstreams.Means(
                        vertx,
                        resolver.orElseGet(() -> HostResolver.system(shortWork)),
                        shortWork,
                        InstantSource.system(),
                        meters),
                List.of(index),
                List.of(),
                upstreamLimits(idleTimeout),
                "test",
                "flotilla.east.east-1");
        FileCatalogue catalogue = path -> {
            asked.incrementAndGet();
            return Future.succeededFuture(offers.getOrDefault(path, new FileOffer.NotOffered()));
        };
        files = new MirroredFiles(
                vertx,
                store.blobs(),
                upstreams,
                catalogue,
                limits,
                shortWork,
                longWork,
                meters,
                new Misses(MissLimits.defaults(), meters),
                16);
        server = await(vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"));
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private void answer(HttpServerRequest request) {
        FilePath path = FilePath.parse(String.valueOf(request.path()).substring("/packages/".length()))
                .orElseThrow();
        HttpServerResponse response = request.response();
        files.open(path).onSuccess(answer -> {
            switch (answer) {
                case FileAnswer.Stored(StoredFile file, FileAnswer.Delivery delivery) ->
                    response.putHeader("X-Kind", delivery.toString())
                            .sendFile(file.path().toString())
                            .onComplete(sent -> file.release());
                case FileAnswer.Growing(GrowingFile file) -> grow(file, response);
                case FileAnswer.Forbidden(String reason) ->
                    response.setStatusCode(403).end(reason);
                case FileAnswer.Unknown unknown -> response.setStatusCode(404).end();
                case FileAnswer.Unavailable(String reason, var deferral) ->
                    response.setStatusCode(502).end(reason);
            }
        });
    }

    private static void grow(GrowingFile file, HttpServerResponse response) {
        if (file.size().isPresent()) {
            response.putHeader("Content-Length", Long.toString(file.size().getAsLong()));
        } else {
            response.setChunked(true);
        }
        response.putHeader("X-Kind", file.isCoalesced() ? "GROWING_COALESCED" : "GROWING");
        response.closeHandler(gone -> file.release());
        file.streamTo(response).onSuccess(done -> response.end()).onFailure(cut -> response.reset());
    }

    int port() {
        return server.actualPort();
    }

    /** What a client got: all of a body, or that it didn't come whole. */
    @SuppressWarnings("ArrayRecordComponent") // Compared by its parts.
    record Got(int status, byte[] body, boolean whole, String kind) {}

    /** One GET by a plain socket, so that nothing hides how a body ended. */
    Got get(FilePath path) throws IOException {
        try (var client = connect()) {
            client.setSoTimeout(30_000);
            ask(client, path);
            return Responses.read(client.getInputStream());
        }
    }

    Socket connect() throws IOException {
        return new Socket(InetAddress.ofLiteral("127.0.0.1"), port());
    }

    void ask(Socket client, FilePath path) throws IOException {
        client.getOutputStream()
                .write(("GET /packages/" + path.path() + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads a response as a strict client does. */
    static final class Responses {
        private Responses() {}

        static Got read(InputStream in) throws IOException {
            String head = head(in);
            int status = Integer.parseInt(head.substring(9, 12));
            String kind = header(head, "x-kind");
            String length = header(head, "content-length");
            try {
                if (length.isEmpty()) {
                    return new Got(status, chunked(in), true, kind);
                }
                byte[] body = in.readNBytes(Integer.parseInt(length));
                return new Got(status, body, body.length == Integer.parseInt(length), kind);
            } catch (IOException broken) {
                return new Got(status, new byte[0], false, kind);
            }
        }

        private static String head(InputStream in) throws IOException {
            var head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new IOException("no response");
                }
                head.append((char) next);
            }
            return head.toString();
        }

        private static String header(String head, String name) {
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }

        private static byte[] chunked(InputStream in) throws IOException {
            var body = new ByteArrayOutputStream();
            while (true) {
                var size = new StringBuilder();
                for (int next = in.read(); next != '\n'; next = in.read()) {
                    if (next < 0) {
                        throw new IOException("ended within a chunked body");
                    }
                    size.append((char) next);
                }
                int length = Integer.parseInt(size.toString().strip(), 16);
                byte[] chunk = in.readNBytes(length);
                if (chunk.length < length || in.readNBytes(2).length < 2) {
                    throw new IOException("ended within a chunk");
                }
                if (length == 0) {
                    return body.toByteArray();
                }
                body.writeBytes(chunk);
            }
        }
    }

    @Override
    public void close() throws IOException {
        await(server.close());
        files.close();
        await(upstreams.close());
        await(vertx.close());
        store.close();
    }
}
