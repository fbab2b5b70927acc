package dev.flotilla.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A real nginx of a test's own that serves a folder, on a free port of loopback. */
public final class NginxServer implements AutoCloseable {
    private final Process process;
    private final int port;

    private NginxServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it; it serves once it {@link #accepts}.
     *
     * @param folder where its files are, and below {@code index} what it serves
     * @param server further directives of its server
     */
    public static NginxServer start(Path folder, String server) throws IOException {
        // nginx's workers give up root and still have to reach the folder.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        int port = FreePort.choose();
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
                    %3$s
                  }
                }
                """.formatted(folder, port, server));
        var process = new ProcessBuilder(
                        "nginx", "-e", folder.resolve("nginx-start.log").toString(), "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.out").toFile())
                .start();
        return new NginxServer(process, port);
    }

    public int port() {
        return port;
    }

    /** Whether it serves. */
    public boolean accepts() {
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
