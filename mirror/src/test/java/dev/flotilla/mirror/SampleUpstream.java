package dev.flotilla.mirror;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** An index that counts what it is asked and can be broken in several ways. On loopback, in JSON or in HTML alone. */
final class SampleUpstream implements AutoCloseable {
    private static final String JSON = "application/vnd.pypi.simple.v1+json";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Map<String, byte[]>> projects = new ConcurrentSkipListMap<>();
    private final Map<String, Integer> serials = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    private final Map<String, String> statuses = new ConcurrentHashMap<>();
    private final Map<String, String> uploads = new ConcurrentHashMap<>();
    private final List<String> accepted = new CopyOnWriteArrayList<>();
    private final List<String> conditions = new CopyOnWriteArrayList<>();
    private final boolean json;
    private final Map<String, String> yanked = new ConcurrentHashMap<>();
    private final Map<String, String> provenanceLinks = new ConcurrentHashMap<>();
    private final Map<String, byte[]> provenance = new ConcurrentHashMap<>();
    private final List<String> credentials = new CopyOnWriteArrayList<>();
    private volatile @Nullable String password;
    private volatile @Nullable String onward;
    private volatile int failure;
    private volatile String filesFolder = "files";
    private volatile boolean nonsense;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    private SampleUpstream(boolean json, int port) throws IOException {
        this.json = json;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    static SampleUpstream json() throws IOException {
        return new SampleUpstream(true, 0);
    }

    static SampleUpstream htmlOnly() throws IOException {
        return new SampleUpstream(false, 0);
    }

    String index() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/simple/";
    }

    SampleUpstream offer(String project, String filename, byte[] content) {
        projects.computeIfAbsent(project, name -> new ConcurrentSkipListMap<>()).put(filename, content);
        serials.merge(project, 1, Integer::sum);
        return this;
    }

    void remove(String project) {
        projects.remove(project);
    }

    /** Marks the project (PEP 792). As the public index does, its page names no file while it is in quarantine. */
    void status(String project, String status) {
        statuses.put(project, status);
        serials.merge(project, 1, Integer::sum);
    }

    /** Says when the file was uploaded; empty for not saying it. */
    SampleUpstream uploaded(String filename, String time) {
        uploads.put(filename, time);
        return this;
    }

    void serial(String project, int serial) {
        serials.put(project, serial);
    }

    /** Yanks the file for this reason (PEP 592). */
    SampleUpstream yank(String filename, String reason) {
        yanked.put(filename, reason);
        return this;
    }

    /** Names a provenance object of the file, at this path, and has it there. */
    SampleUpstream attest(String filename, byte[] object) {
        return attest(filename, "/integrity/" + filename, object);
    }

    /** Names a provenance object of the file at this URL, and has it there if that is here. */
    SampleUpstream attest(String filename, String url, byte[] object) {
        provenanceLinks.put(filename, url);
        provenance.put(url, object);
        return this;
    }

    /** Has the provenance object no longer, but names it. */
    void withdraw(String filename) {
        provenance.remove("/integrity/" + filename);
    }

    /** Names this folder in the links to files from now on. */
    void filesIn(String folder) {
        filesFolder = folder;
    }

    /** Answers everything with this status from now on; 0 for being right again. */
    void failWith(int status) {
        failure = status;
    }

    /** Answers nobody who isn't {@code Authorization}ed so from now on; {@code null} for everybody. */
    void demand(@Nullable String authorization) {
        password = authorization;
    }

    /** Leads the next one who comes to this path. */
    void leadOnce(String path) {
        onward = path;
    }

    /** The values of {@code Authorization} that came; empty where there was none. */
    List<String> credentials() {
        return List.copyOf(credentials);
    }

    /** Answers pages with what is no page. */
    void talkNonsense(boolean yes) {
        nonsense = yes;
    }

    /** Lets nobody have an answer until the latch is down. */
    void holdUntil(CountDownLatch open) {
        gate = open;
    }

    int asked(String path) {
        var count = asked.get(path);
        return count == null ? 0 : count.get();
    }

    int asked(Predicate<String> path) {
        return asked.entrySet().stream()
                .filter(entry -> path.test(entry.getKey()))
                .mapToInt(entry -> entry.getValue().get())
                .sum();
    }

    /** The values of {@code Accept} with which provenance was asked for. */
    List<String> accepted() {
        return List.copyOf(accepted);
    }

    /** The values of {@code If-None-Match} that came. */
    List<String> conditions() {
        return List.copyOf(conditions);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.computeIfAbsent(path, unseen -> new AtomicInteger()).incrementAndGet();
        try (exchange) {
            gate.await();
            String said = exchange.getRequestHeaders().getFirst("Authorization");
            credentials.add(said == null ? "" : said);
            String elsewhere = onward;
            onward = null;
            if (elsewhere != null) {
                exchange.getResponseHeaders().set("Location", elsewhere);
                send(exchange, 307, "text/plain", new byte[0]);
            } else if (password != null && !password.equals(said)) {
                send(exchange, 403, "text/plain", "forbidden".getBytes(StandardCharsets.UTF_8));
            } else if (failure != 0) {
                send(exchange, failure, "text/plain", "broken".getBytes(StandardCharsets.UTF_8));
            } else if (path.equals("/simple/")) {
                rootList(exchange);
            } else if (path.startsWith("/simple/")) {
                page(exchange, path.substring("/simple/".length(), path.length() - 1));
            } else if (path.startsWith("/integrity/")) {
                attestations(exchange, path);
            } else {
                file(exchange, path.substring(path.lastIndexOf('/') + 1));
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private void rootList(HttpExchange exchange) throws IOException {
        var text = new StringBuilder();
        projects.keySet().forEach(name -> text.append("<a href=\"%s/\">%s</a>\n".formatted(name, name)));
        send(exchange, 200, "text/html", text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void page(HttpExchange exchange, String project) throws IOException {
        var files = projects.get(project);
        if (files == null) {
            send(exchange, 404, "text/plain", "no such project".getBytes(StandardCharsets.UTF_8));
            return;
        }
        byte[] body = (nonsense ? "{ this is no page" : json ? json(project, files) : html(files))
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("X-PyPI-Last-Serial", Integer.toString(serials.getOrDefault(project, 1)));
        sendCacheable(exchange, json ? JSON : "text/html; charset=utf-8", body);
    }

    private void sendCacheable(HttpExchange exchange, String type, byte[] body) throws IOException {
        String etag = '"' + Sha256.of(body).hex().substring(0, 16) + '"';
        exchange.getResponseHeaders().set("ETag", etag);
        exchange.getResponseHeaders().set("Cache-Control", "max-age=600, public");
        String known = exchange.getRequestHeaders().getFirst("If-None-Match");
        if (known != null) {
            conditions.add(known);
        }
        if (etag.equals(known)) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        send(exchange, 200, type, body);
    }

    private String json(String project, Map<String, byte[]> files) {
        String status = statuses.getOrDefault(project, "active");
        var entries = files.entrySet().stream()
                .filter(file -> !status.equals("quarantined"))
                .map(file -> """
                {"filename": "%s", "url": "../../%s/%s", "hashes": {"sha256": "%s"}, "size": %d,
                 %s %s %s "requires-python": ">=3.6"}""".formatted(
                                file.getKey(),
                                filesFolder,
                                file.getKey(),
                                Sha256.of(file.getValue()),
                                file.getValue().length,
                                uploadTime(file.getKey()),
                                provenanceKey(file.getKey()),
                                yankedKey(file.getKey())))
                .toList();
        return """
                {"meta": {"api-version": "1.4"}, "name": "%s", "versions": ["1.0"],
                 "project-status": {"status": "%s"}, "files": [%s]}""".formatted(project, status, String.join(",\n", entries));
    }

    private String uploadTime(String filename) {
        String time = uploads.getOrDefault(filename, "2026-01-01T00:00:00Z");
        return time.isEmpty() ? "" : "\"upload-time\": \"" + time + "\",";
    }

    private String yankedKey(String filename) {
        String reason = yanked.get(filename);
        return reason == null ? "" : "\"yanked\": \"" + reason + "\",";
    }

    private String provenanceKey(String filename) {
        String url = provenanceLinks.get(filename);
        return url == null ? "" : "\"provenance\": \"" + url + "\",";
    }

    private String html(Map<String, byte[]> files) {
        var html = new StringBuilder("<!DOCTYPE html>\n<html><body>\n");
        files.forEach((filename, content) -> html.append("<a href=\"../../files/%s#sha256=%s\"%s>%s</a><br>\n"
                .formatted(
                        filename,
                        Sha256.of(content),
                        provenanceLinks.containsKey(filename)
                                ? " data-provenance=\"" + provenanceLinks.get(filename) + "\""
                                : "",
                        filename)));
        return html.append("</body></html>\n").toString();
    }

    private void attestations(HttpExchange exchange, String path) throws IOException {
        byte[] object = provenance.get(path);
        if (object == null) {
            send(exchange, 404, "application/json", "{\"message\": \"none\"}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        accepted.add(String.valueOf(exchange.getRequestHeaders().getFirst("Accept")));
        sendCacheable(exchange, "application/vnd.pypi.integrity.v1+json", object);
    }

    private void file(HttpExchange exchange, String filename) throws IOException {
        for (var files : projects.values()) {
            byte[] content = files.get(filename);
            if (content != null) {
                send(exchange, 200, "application/octet-stream", content);
                return;
            }
        }
        send(exchange, 404, "text/plain", "no such file".getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head && body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        gate.countDown();
        server.stop(0);
        threads.close();
    }
}
