package dev.flotilla.mirror;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A server by https whose certificate has the right name and nobody's signature. It would answer every page. */
final class SelfSignedServer implements Closeable {
    private static final String PASSWORD = "only-for-this-test";

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private SelfSignedServer(HttpsServer server) {
        this.server = server;
    }

    static SelfSignedServer start(Path folder) throws IOException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(keys(folder.resolve("keys.p12")).getKeyManagers(), null, null);
            var https = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 200);
            https.setHttpsConfigurator(new HttpsConfigurator(context));
            var server = new SelfSignedServer(https);
            https.setExecutor(server.threads);
            https.createContext("/", exchange -> {
                byte[] page =
                        "<html><a href=\"evil-1.0.tar.gz\">evil-1.0.tar.gz</a></html>".getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/html");
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
                exchange.close();
            });
            https.start();
            return server;
        } catch (GeneralSecurityException | InterruptedException impossible) {
            throw new IOException(impossible);
        }
    }

    private static KeyManagerFactory keys(Path file)
            throws IOException, InterruptedException, GeneralSecurityException {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String arguments = "-genkeypair -alias index -keyalg EC -dname CN=127.0.0.1 -ext SAN=ip:127.0.0.1 -validity 2";
        var command = new ArrayList<>(List.of(keytool));
        command.addAll(List.of(arguments.split(" ")));
        command.addAll(List.of("-storepass", PASSWORD, "-keystore", file.toString()));
        int exit = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("keytool ended with " + exit);
        }
        var store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD.toCharArray());
        return factory;
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
