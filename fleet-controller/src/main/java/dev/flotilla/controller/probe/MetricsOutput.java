package dev.flotilla.controller.probe;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.agent.disk.Disk;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Where metrics go: a file for the text-file collector of Prometheus's node exporter, or an address that Prometheus asks. */
public sealed interface MetricsOutput extends AutoCloseable {
    /** After each round of looks. */
    void update(ProbeMetrics metrics) throws IOException;

    @Override
    void close();

    /** They go nowhere. */
    record Nowhere() implements MetricsOutput {
        @Override
        public void update(ProbeMetrics metrics) {}

        @Override
        public void close() {}
    }

    /** A file that is replaced as a whole. It stays when the probe ends: that it grows old is what tells. */
    record ToFile(Path file) implements MetricsOutput {
        @Override
        public void update(ProbeMetrics metrics) throws IOException {
            Disk.replace(file.toAbsolutePath(), metrics.text().getBytes(StandardCharsets.UTF_8));
            // The exporter runs as a user of its own.
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }

        @Override
        public void close() {}
    }

    /** {@code GET /metrics}. */
    final class ToAddress implements MetricsOutput {
        private final HttpServer server;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private volatile String text = "";

        private ToAddress(HttpServer server) {
            this.server = server;
        }

        /** Listens; {@link IOException} names the address where nobody can. */
        public static ToAddress listen(InetSocketAddress address) throws IOException {
            HttpServer server;
            try {
                server = HttpServer.create(address, 0);
            } catch (IOException taken) {
                throw new IOException(
                        "metrics can't be served at " + address.getHostString() + ":" + address.getPort() + ": "
                                + taken.getMessage(),
                        taken);
            }
            var output = new ToAddress(server);
            server.createContext("/metrics", exchange -> {
                try (exchange) {
                    byte[] body = output.text.getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                }
            });
            server.setExecutor(output.threads);
            server.start();
            return output;
        }

        public InetSocketAddress address() {
            return server.getAddress();
        }

        @Override
        public void update(ProbeMetrics metrics) {
            text = metrics.text();
        }

        @Override
        public void close() {
            server.stop(0);
            threads.shutdownNow();
        }
    }
}
