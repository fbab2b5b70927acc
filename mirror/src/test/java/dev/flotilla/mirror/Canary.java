package dev.flotilla.mirror;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/** An address that nobody has any business to connect to: it counts those who do. */
final class Canary implements AutoCloseable {
    private final ServerSocket listener;
    private final AtomicInteger visits = new AtomicInteger();

    private Canary(ServerSocket listener) {
        this.listener = listener;
        Thread.ofVirtual().start(this::accept);
    }

    /** Listens on {@code address}, at a free port if {@code port} is 0. */
    static Canary at(String address, int port) throws IOException {
        return new Canary(new ServerSocket(port, 50, InetAddress.getByName(address)));
    }

    private void accept() {
        boolean listening = true;
        while (listening) {
            try {
                listener.accept().close();
                visits.incrementAndGet();
            } catch (IOException over) {
                listening = false;
            }
        }
    }

    String hostAndPort() {
        return listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort();
    }

    int visits() {
        return visits.get();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
