package dev.flotilla.mirror;

import dev.flotilla.mirror.configuration.Keeper;
import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.pages.PageFigures;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A mirror as the program builds it, on free ports of loopback, and a client of it. */
final class RunningMirror implements AutoCloseable {
    static final String JSON = "application/vnd.pypi.simple.v1+json";

    private final Mirror mirror;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private RunningMirror(Mirror mirror) {
        this.mirror = mirror;
    }

    /** Starts a mirror of {@code upstream} whose configuration also holds {@code more}. */
    static RunningMirror start(SampleUpstream upstream, Path store, MovableClock clock, String more) {
        return start(upstream.index(), store, clock, more);
    }

    /** One that an agent keeps, which has that folder for it. */
    static RunningMirror kept(SampleUpstream upstream, Path store, MovableClock clock, Path keeper) {
        return kept(upstream, store, clock, keeper, "");
    }

    static RunningMirror kept(SampleUpstream upstream, Path store, MovableClock clock, Path keeper, String more) {
        try {
            return new RunningMirror(Mirror.start(
                    configuration(upstream.index(), store, more),
                    clock,
                    "test",
                    Mirror.Succession.NONE,
                    new Keeper(Optional.of(keeper))));
        } catch (Mirror.StartException refused) {
            throw new IllegalStateException(refused);
        }
    }

    static RunningMirror start(String index, Path store, MovableClock clock, String more) {
        try {
            return new RunningMirror(Mirror.start(configuration(index, store, more), clock, "test"));
        } catch (Mirror.StartException refused) {
            throw new IllegalStateException(refused);
        }
    }

    /** One that takes the place of this one, which has the same store; this one ends when its clients have left. */
    RunningMirror replaced(SampleUpstream upstream, Path store, MovableClock clock, String more) {
        try {
            var next = new RunningMirror(Mirror.start(
                    configuration(upstream.index(), store, more),
                    clock,
                    "test",
                    new Mirror.Succession(Mirror.Succession.Way.TAKE_OVER, () -> {}, () -> {}),
                    Keeper.NONE));
            mirror.end();
            return next;
        } catch (Mirror.StartException refused) {
            throw new IllegalStateException(refused);
        }
    }

    /** A mirror of this one with a name of its own, or its requests would be taken for ones that have been here before. */
    RunningMirror mirrored(String name, Path store, MovableClock clock) {
        return start(url("/simple/").toString(), store, clock, "outbound { retries = 0 }\nnode = " + name);
    }

    static MirrorConfiguration configuration(String index, Path store, String more) {
        String text = """
                flotilla.mirror {
                  region = east, node = east-1
                  listen { host = 127.0.0.1, port = 0 }
                  operations { host = 127.0.0.1, port = 0 }
                  upstreams = [ { name = sample, index = "%s" } ]
                  store { path = "%s", budget = 1 GiB }
                  http { event-loops = 2 }
                  misses { patience = 1 m }
                  %s
                }
                """.formatted(index, store, more);
        return switch (MirrorConfiguration.parse(text, "test.conf")) {
            case Loading.Loaded<MirrorConfiguration> loaded -> loaded.value();
            case Loading.Refused<MirrorConfiguration> refused -> throw new IllegalArgumentException(refused.text());
        };
    }

    int port() {
        return mirror.clients().port();
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    URI encrypted(String path) {
        return URI.create(
                "https://127.0.0.1:" + mirror.encryptedClients().orElseThrow().port() + path);
    }

    URI operations(String path) {
        return URI.create("http://127.0.0.1:" + mirror.operations().port() + path);
    }

    /** A GET of {@code path} with these header fields. */
    HttpResponse<byte[]> get(String path, String... headers) {
        return send("GET", url(path), headers);
    }

    HttpResponse<byte[]> head(String path, String... headers) {
        return send("HEAD", url(path), headers);
    }

    HttpResponse<byte[]> send(String method, URI url, String... headers) {
        return begin(method, url, headers).join();
    }

    CompletableFuture<HttpResponse<byte[]>> begin(String method, URI url, String... headers) {
        var request = HttpRequest.newBuilder(url)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(30));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** What comes back for these very bytes, which get some answer: up to the end of the connection, or a second of silence after it has begun. */
    String raw(String bytes) {
        return raw(bytes, Duration.ofMinutes(1));
    }

    /** The same for bytes that may get no answer, which is waited for so long. */
    String raw(String bytes, Duration patience) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            var answer = new StringBuilder();
            byte[] part = new byte[8192];
            try {
                for (int read = socket.getInputStream().read(part);
                        read >= 0;
                        read = socket.getInputStream().read(part)) {
                    answer.append(new String(part, 0, read, StandardCharsets.ISO_8859_1));
                    socket.setSoTimeout(1_000);
                }
            } catch (IOException silence) {
                return answer.toString();
            }
            return answer.append("<closed>").toString();
        } catch (IOException refused) {
            return "<refused: " + refused.getMessage() + ">";
        }
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    static String field(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    PageFigures figures() {
        return mirror.pageFigures();
    }

    /** What the operations listener tells of the metrics that begin so, added up. */
    int figure(String series) {
        return text(send("GET", operations("/metrics")))
                .lines()
                .filter(line -> line.startsWith(series))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** How many clients follow downloads just now, as the operations listener tells. */
    int followers() {
        return text(send("GET", operations("/metrics")))
                .lines()
                .filter(line -> line.startsWith("flotilla_") && line.contains("downloads_followers"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Override
    public void close() {
        client.close();
        mirror.close();
    }
}
