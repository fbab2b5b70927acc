package dev.flotilla.tests;

import static org.awaitility.Awaitility.await;

import dev.flotilla.testing.NginxServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** nginx with a plain folder of projects, on a free port of loopback, as a package index that any web server can be. */
final class Nginx implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final NginxServer server;

    private Nginx(NginxServer server) {
        this.server = server;
    }

    /** Starts it on {@code wheels}, which are written below {@code folder}. */
    static Nginx serving(Path folder, List<Wheel> wheels) throws IOException {
        for (Wheel wheel : wheels) {
            Path project =
                    Files.createDirectories(folder.resolve("index/simple").resolve(wheel.project()));
            Files.write(project.resolve(wheel.filename()), wheel.content());
            Files.writeString(
                    project.resolve("index.html"),
                    "<a href=\"%s#sha256=%s\">%s</a>".formatted(wheel.filename(), wheel.digest(), wheel.filename()));
        }
        var nginx = new Nginx(NginxServer.start(folder, "autoindex on;"));
        try {
            await().atMost(START).until(nginx.server::accepts);
            return nginx;
        } catch (RuntimeException failed) {
            nginx.close();
            throw failed;
        }
    }

    URI index() {
        return URI.create("http://127.0.0.1:" + server.port() + "/simple/");
    }

    URI file(Wheel wheel) {
        return index().resolve(wheel.project() + "/" + wheel.filename());
    }

    @Override
    public void close() {
        server.close();
    }
}
