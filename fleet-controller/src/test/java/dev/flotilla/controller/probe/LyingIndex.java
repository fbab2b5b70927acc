package dev.flotilla.controller.probe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An index with one project, six, that can be told to be wrong in one way. */
final class LyingIndex implements AutoCloseable {
    private static final String WHEEL = "six-1.0-py3-none-any.whl";
    private static final byte[] CONTENT = content();
    private static final byte[] METADATA =
            "Metadata-Version: 2.1\nName: six\nVersion: 1.0\n".getBytes(StandardCharsets.UTF_8);
    private static final String JSON = "application/vnd.pypi.simple.v1+json";

    private final HttpServer server;
    private final List<String> hosts = new CopyOnWriteArrayList<>();
    private volatile String lie = "";

    private LyingIndex(HttpServer server) {
        this.server = server;
    }

    static LyingIndex start() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var index = new LyingIndex(server);
        server.createContext("/", index::answer);
        server.start();
        return index;
    }

    int port() {
        return server.getAddress().getPort();
    }

    void lie(String what) {
        lie = what;
    }

    /** The Host fields of all that was asked. */
    List<String> hosts() {
        return hosts;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static byte[] content() {
        byte[] content = new byte[100];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) i;
        }
        return content;
    }

    private boolean lies(String what) {
        return lie.equals(what);
    }

    private void answer(HttpExchange exchange) throws IOException {
        hosts.add(exchange.getRequestHeaders().getFirst("Host"));
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/simple/six/" -> page(exchange);
                case "/wheel/debian-12-x86_64/simple/" ->
                    send(
                            exchange,
                            lies("platform-404") ? 404 : 200,
                            JSON,
                            bytes(
                                    lies("platform-list-cut-off")
                                            ? "{\"projects\": ["
                                            : "{\"projects\": [{\"name\": \"six\"}]}"));
                case "/overlay/debian-12-x86_64/simple/six/" ->
                    send(
                            exchange,
                            lies("overlay-404") ? 404 : 200,
                            JSON,
                            bytes(lies("overlay-without-the-file") ? json().replace(WHEEL, "seven.whl") : json()));
                case "/files/" + WHEEL -> file(exchange);
                case "/files/" + WHEEL + ".metadata" -> {
                    byte[] other = "Metadata-Version: 2.1\nName: seven\n".getBytes(StandardCharsets.UTF_8);
                    send(
                            exchange,
                            lies("metadata-404") ? 404 : 200,
                            "text/plain",
                            lies("metadata-of-another-file") ? other : METADATA);
                }
                default -> send(exchange, lies("wheels-500") ? 500 : 404, "text/plain", new byte[0]);
            }
        }
    }

    private void page(HttpExchange exchange) throws IOException {
        if (exchange.getRequestHeaders().getFirst("Accept").startsWith(JSON)) {
            int status = lies("page-404") ? 404 : lies("page-503") ? 503 : 200;
            send(exchange, status, lies("page-of-another-type") ? "text/plain" : JSON, bytes(json()));
        } else {
            String digest = lies("html-without-digests") ? "" : "#sha256=" + Sha256.of(CONTENT);
            String name = lies("html-without-the-file") ? "seven.whl" : WHEEL;
            send(
                    exchange,
                    200,
                    lies("html-as-json") ? JSON : "text/html; charset=utf-8",
                    bytes("<a href=\"../../files/" + name + digest + "\">" + name + "</a>"));
        }
    }

    private String json() {
        if (lies("page-without-files")) {
            return "{\"files\": []}";
        }
        String digest = lies("page-without-hashes") ? "" : "\"sha256\": \"" + Sha256.of(CONTENT) + "\"";
        String metadata = lies("no-metadata-offered") ? "false" : "{\"sha256\": \"" + Sha256.of(METADATA) + "\"}";
        String page = """
                {"files": [
                  {"filename": "six-1.0.tar.gz", "url": "../../files/six-1.0.tar.gz", "size": 10, "hashes": {"sha256": "%s"}},
                  {"filename": "%s", "url": "../../files/%s", "size": 100, "hashes": {%s}, "core-metadata": %s}
                ]}""".formatted(Sha256.of(METADATA), WHEEL, WHEEL, digest, metadata);
        if (lies("no-metadata-offered")) {
            page = page.replace("\"size\": 10,", "\"size\": 1000,");
        }
        return lies("page-cut-off") ? page.substring(0, 60) : page;
    }

    private void file(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            byte[] content = lies("file-that-is-shorter") ? Arrays.copyOf(CONTENT, 99) : CONTENT.clone();
            content[7] = lies("file-with-a-bit-turned") ? (byte) 6 : content[7];
            if (lies("file-in-a-coding")) {
                exchange.getResponseHeaders().set("Content-Encoding", "identity");
            }
            exchange.getResponseHeaders().set("ETag", "\"six\"");
            send(exchange, 200, "application/octet-stream", content);
        } else if (lies("range-not-understood")
                || !exchange.getRequestHeaders().getFirst("If-Range").equals("\"six\"")) {
            send(exchange, 200, "application/octet-stream", CONTENT);
        } else {
            exchange.getResponseHeaders()
                    .set("Content-Range", lies("range-shifted") ? "bytes 49-98/100" : "bytes 50-99/100");
            byte[] part = Arrays.copyOfRange(CONTENT, 50, 100);
            part[49] = lies("range-with-other-bytes") ? (byte) 0 : part[49];
            send(exchange, 206, "application/octet-stream", part);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }
}
