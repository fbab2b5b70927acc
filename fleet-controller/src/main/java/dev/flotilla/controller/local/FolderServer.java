package dev.flotilla.controller.local;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves a folder on loopback as any static web server would. Read-only; safe for many threads. */
final class FolderServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

    private FolderServer(HttpServer server) {
        this.server = server;
        server.setExecutor(requests);
    }

    static FolderServer start(Path folder) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/", SimpleFileServer.createFileHandler(folder.toAbsolutePath().normalize()));
        var started = new FolderServer(server);
        server.start();
        return started;
    }

    /** The address of {@code path} (without a leading slash) on this server. */
    URI address(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + path);
    }

    @Override
    public void close() {
        server.stop(0);
        requests.shutdownNow();
    }
}
