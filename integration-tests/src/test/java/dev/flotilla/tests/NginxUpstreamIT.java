package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that any web server lists is an index: PEP 503 asks for no more. */
@Tag("real")
class NginxUpstreamIT {
    private static final Wheel APPLICATION = Wheel.of("flotilla-nginx-app", "1.0", 0, "flotilla-nginx-library");
    private static final Wheel LIBRARY = Wheel.of("flotilla-nginx-library", "0.3", 70_000);

    @Test
    void pipInstallsFromAPlainFolderServedByNginx(@TempDir Path folder) throws Exception {
        int port = freePort();
        Process nginx = nginx(folder, port);
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> accepts(port));
            try (var fleet = Fleet.start(folder, "--upstream", "http://127.0.0.1:" + port + "/simple/")) {
                var environment = PythonEnvironment.create(folder);
                environment.install(fleet.index("east"), APPLICATION.project()).succeeded();
                assertThat(environment.python("import flotilla_nginx_library as l; print(l.VERSION)"))
                        .isEqualTo("0.3");
            }
        } finally {
            nginx.destroy();
            nginx.waitFor();
        }
    }

    private static Process nginx(Path folder, int port) throws IOException {
        // nginx's workers give up root and still have to reach the folder.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Wheel wheel : List.of(APPLICATION, LIBRARY)) {
            Path project =
                    Files.createDirectories(folder.resolve("index/simple").resolve(wheel.project()));
            Files.write(project.resolve(wheel.filename()), wheel.content());
            Files.writeString(
                    project.resolve("index.html"),
                    "<a href=\"%s#sha256=%s\">%s</a>".formatted(wheel.filename(), wheel.digest(), wheel.filename()));
        }
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
}
