package dev.flotilla.controller.wheels.plan;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** An index of a few projects by HTTP on loopback, in the form of a mirror's: upstream's and, beside it, what was built. */
public final class SampleIndex implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, byte[]> documents = new ConcurrentHashMap<>();
    private final Map<String, List<Json>> pages = new ConcurrentHashMap<>();
    private final Map<String, Integer> failing = new ConcurrentHashMap<>();
    private final Map<String, String> leading = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    public SampleIndex() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(path);
        byte[] body = documents.getOrDefault(path, "not here".getBytes(StandardCharsets.UTF_8));
        int status = failing.getOrDefault(path, documents.containsKey(path) ? 200 : 404);
        if (leading.containsKey(path)) {
            exchange.getResponseHeaders().set("Location", leading.get(path));
            status = 302;
        }
        exchange.sendResponseHeaders(status, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    /** A file of a project. */
    public static JsonObject file(String filename) {
        return JsonObject.EMPTY
                .with("filename", filename)
                .with("url", "../../packages/" + filename)
                .with("hashes", JsonObject.EMPTY.with("sha256", digest(filename)))
                .with("size", 2_048)
                .with("upload-time", "2026-01-02T03:04:05Z");
    }

    static String digest(String filename) {
        return Sha256.of(filename.getBytes(StandardCharsets.UTF_8)).hex();
    }

    /** Has files of a project in upstream's index. */
    public SampleIndex has(String project, JsonObject... files) {
        return page("/simple/" + project + "/", JsonObject.EMPTY, files);
    }

    /** Has wheels of a project that were built for a platform. */
    public SampleIndex built(String platform, String project, JsonObject... files) {
        return page("/wheel/" + platform + "/simple/" + project + "/", JsonObject.EMPTY, files);
    }

    SampleIndex page(String path, JsonObject more, JsonObject... files) {
        List<Json> all = pages.computeIfAbsent(path, ignored -> new ArrayList<>());
        all.addAll(List.of(files));
        JsonObject page = more.with("meta", JsonObject.EMPTY.with("api-version", "1.3"))
                .with("name", "some")
                .with("files", new Json.Sequence(all));
        documents.put(path, JsonWriter.bytes(page));
        return this;
    }

    /** Has a wheel whose metadata require these. */
    SampleIndex has(String project, String wheel, String... requirements) {
        metadata(wheel, "2.1", requirements);
        return has(project, file(wheel).with("core-metadata", true));
    }

    void metadata(String filename, String version, String... requirements) {
        var text = new StringBuilder("Metadata-Version: " + version + "\nName: some\n");
        for (String requirement : requirements) {
            text.append("Requires-Dist: ").append(requirement).append('\n');
        }
        documents.put(
                "/packages/" + filename + ".metadata",
                (text + "\nRequires-Dist: description\n").getBytes(StandardCharsets.UTF_8));
    }

    public void fail(String path, int status) {
        failing.put(path, status);
    }

    /** Leads whoever asks for the path to that address. */
    void lead(String path, String address) {
        leading.put(path, address);
    }

    void serve(String path, String document) {
        documents.put(path, document.getBytes(StandardCharsets.UTF_8));
    }

    List<String> asked() {
        return List.copyOf(asked);
    }

    public URI at(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
