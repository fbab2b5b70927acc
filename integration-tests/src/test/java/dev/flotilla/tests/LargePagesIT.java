package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pages of 24 MB of which two dozen are asked for at once, half of them compressed to a tenth in a way that doesn't tell
 * their size: each fits the heap of the program, all of them don't by far. It breaks when pages come in or are parsed as
 * soon as they are asked for, since the program then ends for want of memory.
 */
class LargePagesIT {
    private static final int PAGES = 24;
    private static final int FILES = 90_000;
    private static final Duration LONGEST = Duration.ofMinutes(3);

    private final byte[] rest = rest();
    private final byte[] compressedRest = gzip(rest);
    private final HttpClient client = HttpClient.newHttpClient();

    private static byte[] head(String project) {
        return ("{\"meta\":{\"api-version\":\"1.0\"},\"name\":\"" + project + "\",").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] rest() {
        var rest = new StringBuilder("\"files\":[");
        for (int i = 0; i < FILES; i++) {
            String digest = "%064x".formatted(i * 0x9e3779b97f4a7c15L);
            rest.append(i == 0 ? "" : ",")
                    .append("{\"filename\":\"large-1.%d-py3-none-any.whl\",".formatted(i))
                    .append("\"url\":\"../../packages/%s/%s/%s/large-1.%d-py3-none-any.whl\","
                            .formatted(digest.substring(60, 62), digest.substring(62), digest.substring(0, 60), i))
                    .append("\"hashes\":{\"sha256\":\"%s\"}}".formatted(digest));
        }
        return rest.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] content) {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return bytes.toByteArray();
    }

    private static boolean isCompressed(int page) {
        return page % 2 == 1;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String project = exchange.getRequestURI().getPath().split("/", 4)[2];
            exchange.getResponseHeaders().set("Content-Type", "application/vnd.pypi.simple.v1+json");
            byte[] first = head(project);
            byte[] second = project.equals("small") ? "\"files\":[]}".getBytes(StandardCharsets.UTF_8) : rest;
            if (project.startsWith("large") && isCompressed(Integer.parseInt(project.substring("large-".length())))) {
                exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                first = gzip(first);
                second = compressedRest;
            }
            exchange.sendResponseHeaders(200, first.length + second.length);
            exchange.getResponseBody().write(first);
            exchange.getResponseBody().write(second);
        }
    }

    private int ask(PackedMirror mirror, String project) throws IOException, InterruptedException {
        HttpResponse<Void> answer = client.send(
                HttpRequest.newBuilder(mirror.url("/simple/" + project + "/"))
                        .header("Accept", "application/vnd.pypi.simple.v1+json")
                        .timeout(LONGEST)
                        .build(),
                BodyHandlers.discarding());
        return answer.statusCode();
    }

    /** Asks until the page is there; whoever may wait in vain for room is told so, and comes again as any client does. */
    private void askUntilItIsThere(PackedMirror mirror, int page) {
        long end = System.nanoTime() + LONGEST.toNanos();
        try {
            for (int status = ask(mirror, "large-" + page); status != 200; status = ask(mirror, "large-" + page)) {
                assertThat(status).as("page %d", page).isIn(502, 503);
                assertThat(System.nanoTime()).as("page %d came", page).isLessThan(end);
                Thread.sleep(500); // As a client does between two attempts.
            }
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError("page " + page + "\n" + mirror.log(), failed);
        }
    }

    @Test
    void manyLargePagesAtOnceComeOneAfterTheOtherAndTheMirrorLives(@TempDir Path folder) throws Exception {
        assertThat(rest.length).isBetween(20 << 20, 31 << 20);
        var upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            upstream.createContext("/simple/", this::answer);
            upstream.setExecutor(threads);
            upstream.start();
            var index = URI.create("http://127.0.0.1:" + upstream.getAddress().getPort() + "/simple/");
            try (var mirror = PackedMirror.start(folder, index, "")) {
                List<CompletableFuture<Void>> asked = IntStream.range(0, PAGES)
                        .mapToObj(page -> CompletableFuture.runAsync(() -> askUntilItIsThere(mirror, page), threads))
                        .toList();
                CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).join();
                assertThat(ask(mirror, "small")).isEqualTo(200);
                assertThat(mirror.log()).doesNotContain("OutOfMemoryError");
            }
        } finally {
            upstream.stop(0);
        }
    }
}
