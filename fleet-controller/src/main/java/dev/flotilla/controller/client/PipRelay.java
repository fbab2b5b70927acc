package dev.flotilla.controller.client;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A proxy on loopback for one pip (RFC 9110, section 7.3.2), which leads it where other names than this machine's lead: a local fleet's are known to its own
 * name server alone. What breaks behind it breaks before it in the same way: a connection that can't be made is one that ends without a word. Thread-safe.
 */
public final class PipRelay implements AutoCloseable {
    private static final int LARGEST_HEAD_BYTES = 64 << 10;

    /** pip makes one request after the other. */
    private static final int AT_ONCE = 16;

    /** Longer than pip waits, so that it is pip that gives up. */
    private static final int PATIENCE_MILLIS = 20_000;

    private final Names names;
    private final ServerSocket server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final AtomicReference<Optional<InetAddress>> led = new AtomicReference<>(Optional.empty());

    private PipRelay(Names names, ServerSocket server) {
        this.names = names;
        this.server = server;
    }

    public static PipRelay listen(Names names) throws IOException {
        var relay = new PipRelay(names, new ServerSocket(0, AT_ONCE, InetAddress.getLoopbackAddress()));
        relay.threads.execute(relay::accept);
        return relay;
    }

    /** What pip's {@code --proxy} has to be. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** Where the first connection since the last call led. */
    public Optional<InetAddress> takeLed() {
        return led.getAndSet(Optional.empty());
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket pip = server.accept();
                threads.execute(() -> relay(pip));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void relay(Socket pip) {
        boolean placed = places.tryAcquire();
        try (pip) {
            if (placed) {
                relayed(pip);
            }
        } catch (IOException broken) {
            // pip sees the end of its connection, as it would see that of the mirror's.
        } finally {
            if (placed) {
                places.release();
            }
        }
    }

    private void relayed(Socket pip) throws IOException {
        pip.setSoTimeout(PATIENCE_MILLIS);
        var lines = new HeadLines(new BufferedInputStream(pip.getInputStream()), LARGEST_HEAD_BYTES);
        String[] request = lines.next().split(" ", -1);
        if (request.length != 3 || !(request[0].equals("GET") || request[0].equals("HEAD"))) {
            throw new IOException("no request that pip makes");
        }
        URI target = URI.create(request[1]);
        if (!"http".equals(target.getScheme()) || target.getHost() == null) {
            throw new IOException("no address that a proxy is asked for");
        }
        String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
        var head = new StringBuilder(request[0] + " " + target.getRawPath() + query + " HTTP/1.1\r\n");
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            String name = line.toLowerCase(Locale.ROOT);
            if (!name.startsWith("connection:") && !name.startsWith("proxy-") && !name.startsWith("keep-alive:")) {
                head.append(line).append("\r\n");
            }
        }
        head.append("Connection: close\r\n\r\n");
        if (!(names.resolve(target.getHost()) instanceof Names.Answer.Addresses found)) {
            throw new IOException("no address of " + target.getHost());
        }
        InetAddress address = found.addresses().getFirst();
        led.compareAndSet(Optional.empty(), Optional.of(address));
        try (var mirror = new Socket()) {
            mirror.connect(
                    new InetSocketAddress(address, target.getPort() < 0 ? 80 : target.getPort()), PATIENCE_MILLIS);
            mirror.setSoTimeout(PATIENCE_MILLIS);
            mirror.getOutputStream().write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
            try (InputStream answer = mirror.getInputStream()) {
                answer.transferTo(pip.getOutputStream());
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            server.close();
        } catch (IOException alreadyGone) {
            // Nothing else could be done about it.
        }
    }
}
