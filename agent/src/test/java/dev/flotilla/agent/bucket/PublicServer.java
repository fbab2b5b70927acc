package dev.flotilla.agent.bucket;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.core.exception.SdkClientException;

/** A bucket as everybody may read it and nobody may write it: what is in memory, as a web server gives it out. */
public final class PublicServer implements AutoCloseable {
    private static final int FORBIDDEN = 403;

    private final HttpServer server;
    private final MemoryBucket content;
    private final AtomicInteger signed = new AtomicInteger();
    private final AtomicInteger writes = new AtomicInteger();
    private volatile boolean writable;

    private PublicServer(HttpServer server, MemoryBucket content) {
        this.server = server;
        this.content = content;
    }

    public static PublicServer of(MemoryBucket content) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        var open = new PublicServer(server, content);
        server.createContext("/" + S3Server.NAME + "/", open::answer);
        server.start();
        return open;
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** A client on a machine where there are no credentials. */
    public Bucket clientWithoutCredentials() {
        return S3Bucket.open(
                S3Server.location(endpoint()),
                new CredentialsIfAny(
                        () -> {
                            throw SdkClientException.create("found no AWS credentials");
                        },
                        System::nanoTime));
    }

    /** From now on everybody may write, too. */
    public void allowWrites() {
        writable = true;
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
                exchange.sendResponseHeaders(FORBIDDEN, -1);
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
