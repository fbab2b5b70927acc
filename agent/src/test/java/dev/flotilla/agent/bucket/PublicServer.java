package dev.flotilla.agent.bucket;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import software.amazon.awssdk.core.exception.SdkClientException;

/** A bucket as everybody may read it and nobody may write it: what is in memory, as a web server gives it out. */
public final class PublicServer implements AutoCloseable {
    private static final int FORBIDDEN = 403;

    private final HttpServer server;
    private final MemoryBucket content;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger signed = new AtomicInteger();
    private final AtomicInteger writes = new AtomicInteger();
    private volatile boolean writable;
    private volatile int missing = FORBIDDEN;

    private PublicServer(HttpServer server, MemoryBucket content) {
        this.server = server;
        this.content = content;
    }

    public static PublicServer of(MemoryBucket content) throws IOException {
        return of(content, HttpServer.create(address(0), 50));
    }

    /**
     * One that speaks HTTPS alone.
     *
     * @param port of a server before it whose place it takes, or 0
     */
    public static PublicServer of(MemoryBucket content, SSLContext identity, int port) throws IOException {
        var server = HttpsServer.create(address(port), 50);
        server.setHttpsConfigurator(new HttpsConfigurator(identity));
        return of(content, server);
    }

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static PublicServer of(MemoryBucket content, HttpServer server) {
        var open = new PublicServer(server, content);
        server.createContext("/" + S3Server.NAME + "/", open::answer);
        server.start();
        return open;
    }

    public URI endpoint() {
        return URI.create((server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:" + port());
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** A client on a machine where there are no credentials. */
    public Bucket clientWithoutCredentials() {
        return clientWithoutCredentials(Optional.empty());
    }

    /** The same, told of an authority. */
    public Bucket clientWithoutCredentials(Optional<Path> authorities) {
        return S3Bucket.open(
                S3Server.location(endpoint()),
                new CredentialsIfAny(
                        () -> {
                            throw SdkClientException.create("found no AWS credentials");
                        },
                        System::nanoTime),
                authorities);
    }

    /** From now on everybody may write, too. */
    public void allowWrites() {
        writable = true;
    }

    /** From now on it says this of what isn't there: S3 says 403 to whoever may not list the bucket, and 404 to others. */
    public void sayOfTheMissing(int status) {
        missing = status;
    }

    /** How many requests have come. */
    public int requests() {
        return requests.get();
    }

    /** How many requests were signed. */
    public int signed() {
        return signed.get();
    }

    /** How many writes were tried. */
    public int writes() {
        return writes.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            if (exchange.getRequestHeaders().containsKey("Authorization")) {
                signed.incrementAndGet();
            }
            var key = new ObjectKey(exchange.getRequestURI().getPath().substring(S3Server.NAME.length() + 2));
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestMethod().equals("PUT")) {
                writes.incrementAndGet();
                if (writable) {
                    content.put(key, body, Bucket.Condition.none());
                    exchange.getResponseHeaders()
                            .add("ETag", "\"" + Sha256.of(body).hex() + "\"");
                }
                exchange.sendResponseHeaders(writable ? 200 : FORBIDDEN, -1);
                return;
            }
            Optional<byte[]> object = Optional.ofNullable(content.objects().get(key));
            if (object.isEmpty()) {
                exchange.sendResponseHeaders(missing, -1);
                return;
            }
            String etag = "\"" + Sha256.of(object.get()).hex() + "\"";
            exchange.getResponseHeaders().add("ETag", etag);
            if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(304, -1);
                return;
            }
            exchange.sendResponseHeaders(200, object.get().length);
            exchange.getResponseBody().write(object.get());
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
