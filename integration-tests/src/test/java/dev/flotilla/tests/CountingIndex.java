package dev.flotilla.tests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * An upstream of plain PEP 503 pages with relative links, on loopback where nothing else is said. It counts what it is asked, can be stopped and
 * started again at the same address, and can hand out files that are not what its pages say.
 */
final class CountingIndex implements AutoCloseable {
    private final Map<String, PackageFile> files;
    private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final InetAddress address;
    private final int port;
    private HttpServer server;
    private volatile boolean corrupt;
    private volatile Gate gate = new Gate(Integer.MAX_VALUE, new CountDownLatch(0));

    /** Where in a file its sending stops, and until when. */
    private record Gate(int position, CountDownLatch open) {}

    private CountingIndex(InetAddress address, List<? extends PackageFile> files) {
        this.address = address;
        this.files = files.stream().collect(Collectors.toMap(PackageFile::filename, file -> file));
        this.server = listen(0);
        this.port = server.getAddress().getPort();
    }

    static CountingIndex of(PackageFile... files) {
        return at(InetAddress.ofLiteral("127.0.0.1"), files);
    }

    static CountingIndex at(InetAddress address, PackageFile... files) {
        return new CountingIndex(address, List.of(files));
    }

    URI uri() {
        return URI.create("http://" + address.getHostAddress() + ":" + port + "/simple/");
    }

    /** Requests so far whose path begins with {@code prefix}. */
    int requests(String prefix) {
        return requests.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .mapToInt(entry -> entry.getValue().get())
                .sum();
    }

    Map<String, AtomicInteger> requests() {
        return Map.copyOf(requests);
    }

    /** From now on one bit of every file is wrong, or, with {@code false}, none any more. */
    void corrupt(boolean wrong) {
        corrupt = wrong;
    }

    /** From now on files stop coming after so many bytes, until the latch is down. */
    void holdAfter(int bytes, CountDownLatch open) {
        gate = new Gate(bytes, open);
    }

    void stop() {
        server.stop(0);
    }

    void resume() {
        server = listen(port);
    }

    private HttpServer listen(int wanted) {
        try {
            var listener = HttpServer.create(new InetSocketAddress(address, wanted), 256);
            listener.createContext("/", this::answer);
            listener.setExecutor(threads);
            listener.start();
            return listener;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.computeIfAbsent(path, ignored -> new AtomicInteger()).incrementAndGet();
        String[] steps = path.split("/", -1);
        if (path.startsWith("/simple/") && path.endsWith("/") && steps.length == 4) {
            page(exchange, steps[2]);
        } else if (path.startsWith("/files/") && files.containsKey(steps[2])) {
            send(exchange, "application/octet-stream", content(files.get(steps[2])));
        } else {
            exchange.sendResponseHeaders(path.equals("/simple/") ? 200 : 404, -1);
            exchange.close();
        }
    }

    private void page(HttpExchange exchange, String project) throws IOException {
        String links = files.values().stream()
                .filter(file -> file.project().equals(project))
                .map(file -> "<a href=\"../../files/%s#sha256=%s\">%s</a><br>\n"
                        .formatted(file.filename(), file.digest(), file.filename()))
                .collect(Collectors.joining());
        if (links.isEmpty()) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        } else {
            String page = "<!DOCTYPE html><html><body>\n" + links + "</body></html>\n";
            send(exchange, "text/html", page.getBytes(StandardCharsets.UTF_8));
        }
    }

    private byte[] content(PackageFile file) {
        byte[] content = file.content();
        if (corrupt) {
            content[content.length / 2] ^= 1;
        }
        return content;
    }

    private void send(HttpExchange exchange, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, body.length);
        try (var out = exchange.getResponseBody()) {
            Gate here = gate;
            int before = Math.min(body.length, here.position());
            out.write(body, 0, before);
            if (before < body.length) {
                out.flush();
                here.open().await();
                out.write(body, before, body.length - before);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        gate.open().countDown();
        stop();
        threads.close();
    }
}
