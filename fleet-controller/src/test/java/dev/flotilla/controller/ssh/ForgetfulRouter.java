package dev.flotilla.controller.ssh;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Leads connections to a port of loopback, and forgets those on which nothing moves, as routers with address translation do. */
final class ForgetfulRouter implements AutoCloseable {
    private final ServerSocket listening;
    private final int port;
    private final Duration memory;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    ForgetfulRouter(int port, Duration memory) throws IOException {
        this.port = port;
        this.memory = memory;
        this.listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::route);
    }

    int port() {
        return listening.getLocalPort();
    }

    private void route() {
        try {
            while (true) {
                Socket client = listening.accept();
                sockets.add(client);
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                sockets.add(server);
                Thread.ofVirtual().start(() -> move(client, server));
                Thread.ofVirtual().start(() -> move(server, client));
            }
        } catch (IOException closed) {
            close();
        }
    }

    private void move(Socket from, Socket to) {
        try (from;
                to) {
            from.setSoTimeout(Math.toIntExact(memory.toMillis()));
            byte[] bytes = new byte[8_192];
            for (int count; (count = from.getInputStream().read(bytes)) >= 0; ) {
                to.getOutputStream().write(bytes, 0, count);
            }
        } catch (SocketTimeoutException forgotten) {
            // Closed for both.
        } catch (IOException ended) {
            // By one of them.
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException ignored) {
            // Nothing more is wanted of them.
        }
    }
}
