package dev.flotilla.controller.local.route53;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.flotilla.testing.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;

/** A server that is ready, by HTTPS on 127.0.0.1, with a certificate that has ended and that nobody believes. It keeps by which names it was asked. */
public final class SecuredServer implements AutoCloseable {
    private final HttpsServer server;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    public SecuredServer(Path folder) throws Exception {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(
                TestAuthority.in(folder, "nobody-knows-it").lateServer()));
        server.createContext("/readyz", exchange -> {
            ExtendedSSLSession session = (ExtendedSSLSession) ((HttpsExchange) exchange).getSSLSession();
            asked.add(session.getRequestedServerNames().stream()
                            .map(name -> ((SNIHostName) name).getAsciiName())
                            .toList()
                    + " " + exchange.getRequestHeaders().getFirst("Host"));
            byte[] body = "ready east".getBytes(UTF_8);
            try (exchange) {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            } catch (IOException gone) {
                throw new IOException("whoever asked has gone", gone);
            }
        });
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** The names in handshakes, and the field Host, of all requests so far. */
    public Set<String> asked() {
        return Set.copyOf(asked);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
