package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.luben.zstd.ZstdInputStream;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of all projects at the size that the public index has, through the program with the memory that it is packed with. */
class WholeIndexTest {
    private static final int NAMES = 700_000;
    private static final String JSON = "application/vnd.pypi.simple.v1+json";
    private static final String HTML = "application/vnd.pypi.simple.v1+html";
    private static final List<String> CODINGS = List.of("gzip", "zstd", "identity");
    private static final Pattern CLIENTS = Pattern.compile("clients at http://127\\.0\\.0\\.1:([0-9]+)/");
    private static final Pattern JAVA_OPTIONS = Pattern.compile("<java.options>([^<]+)</java.options>");

    @TempDir
    private Path folder;

    private final byte[] list = list();
    private final AtomicInteger asked = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private HttpServer upstream;
    private Path configuration;
    private Process mirror;

    /** What a client got: how many names, the first and the last of them, and the entity tag. */
    private record Got(int status, int names, String first, String last, String etag, String cache) {}

    /** As PyPI writes it, with a serial for each name: some 35 MB. */
    private static byte[] list() {
        var json = new StringBuilder(40 << 20)
                .append("{\"meta\":{\"_last-serial\":1,\"api-version\":\"1.4\"},\"projects\":[");
        for (int number = 0; number < NAMES; number++) {
            json.append(number == 0 ? "" : ",")
                    .append("{\"_last-serial\":")
                    .append(10_000_000 + number)
                    .append(",\"name\":\"")
                    .append(name(number))
                    .append("\"}");
        }
        return json.append("]}").toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static String name(int number) {
        return "project-%07d".formatted(number);
    }

    @BeforeEach
    void start() throws IOException {
        upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        upstream.setExecutor(threads);
        upstream.createContext("/simple/", this::answer);
        upstream.start();
        configuration = Files.writeString(folder.resolve("mirror.conf"), """
                flotilla.mirror {
                  region = east, node = east-1
                  listen { host = 127.0.0.1, port = 0 }
                  operations { host = 127.0.0.1, port = 0 }
                  upstreams = [ { name = sample, index = "http://127.0.0.1:%d/simple/" } ]
                  store { path = "%s" }
                }
                """.formatted(
                        upstream.getAddress().getPort(), folder.resolve("store")));
        mirror = begin();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.incrementAndGet();
            exchange.getResponseHeaders().set("Content-Type", JSON);
            exchange.getResponseHeaders().set("Cache-Control", "max-age=600");
            exchange.sendResponseHeaders(200, list.length);
            exchange.getResponseBody().write(list);
        }
    }

    /** The program with the options that its start script has. */
    private Process begin() throws IOException {
        var options = JAVA_OPTIONS.matcher(Files.readString(Path.of("pom.xml")));
        assertThat(options.find()).isTrue();
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options.group(1).strip().split("\\s+")));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.flotilla.mirror.Main"));
        command.addAll(List.of("--config", configuration.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    private int port() throws IOException {
        await().atMost(60, TimeUnit.SECONDS).until(() -> CLIENTS.matcher(log()).find() || !mirror.isAlive());
        var matcher = CLIENTS.matcher(log());
        assertThat(matcher.find()).as(log()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    @AfterEach
    void stop() throws InterruptedException {
        mirror.destroyForcibly().waitFor();
        client.close();
        upstream.stop(0);
        threads.close();
    }

    private Got get(int port, String form, String coding, String... more) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/simple/"))
                .headers("Accept", form, "Accept-Encoding", coding)
                .timeout(Duration.ofMinutes(2));
        if (more.length > 0) {
            request.headers(more);
        }
        var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        String etag = answer.headers().firstValue("ETag").orElse("");
        String cache = answer.headers().firstValue("X-Cache").orElse("");
        try (var body = decoded(answer)) {
            var names =
                    form.equals(JSON) ? Pattern.compile("\"name\":\"([^\"]+)\"") : Pattern.compile("href=\"([^/\"]+)/");
            int count = 0;
            String first = "";
            String last = "";
            // in pieces, so that the test holds no text of that size: a name's end is a piece's end
            for (String piece = piece(body); !piece.isEmpty(); piece = piece(body)) {
                var matcher = names.matcher(piece);
                while (matcher.find()) {
                    count++;
                    last = matcher.group(1);
                    first = first.isEmpty() ? last : first;
                }
            }
            return new Got(answer.statusCode(), count, first, last, etag, cache);
        }
    }

    /** Up to the next closing bracket or line, and that of a few thousand entries at once. */
    private static String piece(BufferedReader body) throws IOException {
        var piece = new StringBuilder(1 << 17);
        for (int c = body.read(); c >= 0; c = body.read()) {
            piece.append((char) c);
            if (piece.length() > 100_000 && (c == '}' || c == '\n')) {
                break;
            }
        }
        return piece.toString();
    }

    private static BufferedReader decoded(HttpResponse<InputStream> answer) throws IOException {
        InputStream body = answer.statusCode() == 304
                ? InputStream.nullInputStream()
                : switch (answer.headers().firstValue("Content-Encoding").orElse("identity")) {
                    case "gzip" -> new GZIPInputStream(answer.body(), 1 << 16);
                    case "zstd" -> new ZstdInputStream(answer.body());
                    default -> answer.body();
                };
        return new BufferedReader(new InputStreamReader(body, StandardCharsets.US_ASCII), 1 << 16);
    }

    private void requireWhole(Got got) {
        assertThat(got.status()).isEqualTo(200);
        assertThat(got.names()).isEqualTo(NAMES);
        assertThat(got.first()).isEqualTo(name(0));
        assertThat(got.last()).isEqualTo(name(NAMES - 1));
    }

    @Test
    void aBurstOfClientsAndARestartInAnOutageGetAllOfItInEveryRepresentation() throws Exception {
        int port = port();
        List<Callable<Got>> wishes = new ArrayList<>();
        for (int number = 0; number < 18; number++) {
            String form = number % 2 == 0 ? JSON : HTML;
            String coding = CODINGS.get(number % 3);
            wishes.add(() -> get(port, form, coding));
        }
        Map<Integer, String> tags = new HashMap<>();
        var answers = threads.invokeAll(wishes);
        for (int number = 0; number < answers.size(); number++) {
            var got = answers.get(number).get();
            requireWhole(got);
            assertThat(tags.merge(number % 6, got.etag(), (one, other) -> other))
                    .isEqualTo(got.etag());
        }
        assertThat(tags.values()).doesNotHaveDuplicates().hasSize(6);
        assertThat(asked).as("one fetch for all of them").hasValue(1);
        String etag = get(port, JSON, "gzip").etag();
        assertThat(get(port, JSON, "gzip", "If-None-Match", etag).status()).isEqualTo(304);

        mirror.destroyForcibly().waitFor();
        upstream.stop(0);
        mirror = begin();
        int again = port();
        for (var form : List.of(JSON, HTML)) {
            for (var coding : CODINGS) {
                var got = get(again, form, coding);
                requireWhole(got);
                assertThat(tags).containsValue(got.etag());
            }
        }
        assertThat(mirror.isAlive()).isTrue();
        assertThat(log()).doesNotContain("OutOfMemory", "ERROR");
    }
}
