package dev.flotilla.tests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/** nginx with a plain folder of projects, on a free port of loopback, as a package index that any web server can be. */
final class Nginx implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(20);

    private final Process process;
    private final int port;

    private Nginx(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts it on {@code wheels}, which are written below {@code folder}. */
    static Nginx serving(Path folder, List<Wheel> wheels) throws IOException {
        // nginx's workers give up root and still have to reach the folder.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Wheel wheel : wheels) {
            Path project =
                    Files.createDirectories(folder.resolve("index/simple").resolve(wheel.project()));
            Files.write(project.resolve(wheel.filename()), wheel.content());
            Files.writeString(
                    project.resolve("index.html"),
                    "<a href=\"%s#sha256=%s\">%s</a>".formatted(wheel.filename(), wheel.digest(), wheel.filename()));
        }
        int port = freePort();
        var nginx = new Nginx(start(folder, port), port);
        try {
            await().atMost(START).until(() -> accepts(port));
            return nginx;
        } catch (RuntimeException failed) {
            nginx.close();
            throw failed;
        }
    }

    URI index() {
        return URI.create("http://127.0.0.1:" + port + "/simple/");
    }

    URI file(Wheel wheel) {
        return index().resolve(wheel.project() + "/" + wheel.filename());
    }

    private static Process start(Path folder, int port) throws IOException {
        Path configuration = Files.writeString(folder.resolve("nginx.conf"), """
                daemon off;
                pid %1$s/nginx.pid;
                error_log %1$s/nginx-error.log;
                events { }
                http {
                  access_log off;
                  client_body_temp_path %1$s/nginx-body;
                  proxy_temp_path %1$s/nginx-proxy;
                  fastcgi_temp_path %1$s/nginx-fastcgi;
                  uwsgi_temp_path %1$s/nginx-uwsgi;
                  scgi_temp_path %1$s/nginx-scgi;
                  types { text/html html; }
                  server {
                    listen 127.0.0.1:%2$d;
                    root %1$s/index;
                    autoindex on;
                  }
                }
                """.formatted(folder, port));
        return new ProcessBuilder(
                        "nginx", "-e", folder.resolve("nginx-start.log").toString(), "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.out").toFile())
                .start();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
