package dev.flotilla.mirror.upstream;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An upstream on loopback that answers by a script and can break off wherever it likes. Counts connections and keeps the
 * requests.
 */
public final class ScriptedServer implements Closeable {
    private final ServerSocket listener;
    private final Script script;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Request> requests = new ArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** What a request asked for; header names in lower case. */
    public record Request(String target, Map<String, String> headers, int number) {
        public String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }
    }

    /** Answers requests. */
    public interface Script {
        /** Writes the answer; returning leaves the connection open, an exception closes it. */
        void answer(Request request, Reply reply) throws IOException, InterruptedException;
    }

    /** The connection to answer on. */
    public record Reply(OutputStream out, Socket socket) {
        public void head(int status, String... headers) throws IOException {
            var head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        public void body(byte[] body) throws IOException {
            out.write(body);
            out.flush();
        }

        public void whole(int status, byte[] body, String... headers) throws IOException {
            var all = new ArrayList<>(List.of(headers));
            all.add("Content-Length: " + body.length);
            head(status, all.toArray(String[]::new));
            body(body);
        }

        /** To be thrown: breaks off as a crashed peer does. */
        public IOException reset() throws IOException {
            socket.setSoLinger(true, 0);
            return new IOException("reset as scripted");
        }

        /** To be thrown: breaks off. */
        public IOException cut() {
            return new IOException("cut as scripted");
        }

        /** To be thrown: ends the body by ending the connection. */
        public IOException end() throws IOException {
            socket.shutdownOutput();
            return new IOException("ended as scripted");
        }

        /** Ends what is sent, and returns once the peer has ended its side, too. */
        public void endAndAwaitPeer() throws IOException {
            socket.shutdownOutput();
            stall();
        }

        /** Says nothing more until the peer gives up. */
        public void stall() throws IOException {
            while (socket.getInputStream().read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }

    public ScriptedServer(Script script) throws IOException {
        this(InetAddress.ofLiteral("127.0.0.1"), script);
    }

    public ScriptedServer(InetAddress address, Script script) throws IOException {
        this(address, 0, script);
    }

    /** One more address of a host: where another server has {@code port}. */
    public ScriptedServer(InetAddress address, int port, Script script) throws IOException {
        this.script = script;
        this.listener = new ServerSocket(port, 1024, address);
        Thread.ofVirtual().start(this::accept);
    }

    /** A listener that nobody should ever connect to. */
    public static ScriptedServer canary() throws IOException {
        return new ScriptedServer(
                (request, reply) -> reply.whole(200, "<html>canary</html>".getBytes(StandardCharsets.UTF_8)));
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                var headers = new HashMap<String, String>();
                for (String header = in.readLine(); header != null && !header.isEmpty(); header = in.readLine()) {
                    int colon = header.indexOf(':');
                    headers.put(
                            header.substring(0, colon).toLowerCase(Locale.ROOT),
                            header.substring(colon + 1).strip());
                }
                Request request;
                synchronized (requests) {
                    request = new Request(line.split(" ", 3)[1], Map.copyOf(headers), requests.size());
                    requests.add(request);
                }
                script.answer(request, new Reply(socket.getOutputStream(), socket));
            }
        } catch (IOException | InterruptedException broken) {
            // As the script or the peer wanted it.
        } finally {
            open.remove(socket);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    public String host() {
        return listener.getInetAddress().getHostAddress();
    }

    public URI at(String path) {
        return URI.create("http://" + host() + ":" + port() + path);
    }

    public int connections() {
        return connections.get();
    }

    public List<Request> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
