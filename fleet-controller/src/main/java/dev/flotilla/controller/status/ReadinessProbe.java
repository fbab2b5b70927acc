package dev.flotilla.controller.status;

import dev.flotilla.controller.client.TrustEverything;
import dev.flotilla.controller.status.FleetView.Readiness;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks nodes whether they can serve, as the health checkers do: by HTTPS whatever the certificate. Thread-safe. */
final class ReadinessProbe implements AutoCloseable {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;
    private static final int LONGEST_BODY_BYTES = 512;

    private final HttpClient client;
    private final Duration timeOut;

    ReadinessProbe(Duration timeOut) {
        this.timeOut = timeOut;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeOut)
                .sslContext(TrustEverything.context())
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    Readiness ask(URI readiness) throws InterruptedException {
        String where = readiness.getHost() + ":" + readiness.getPort();
        try {
            var request = HttpRequest.newBuilder(readiness).timeout(timeOut).build();
            var response = client.send(request, BodyHandlers.ofInputStream());
            String body;
            try (InputStream content = response.body()) {
                body = new String(content.readNBytes(LONGEST_BODY_BYTES), StandardCharsets.UTF_8)
                        .strip()
                        .replaceAll("\\p{Cntrl}", " ");
            }
            if (response.statusCode() == UNAVAILABLE && body.startsWith("drained ")) {
                return new Readiness.Drained();
            }
            boolean ready = response.statusCode() == OK && body.contains("ready");
            return ready
                    ? new Readiness.Ready()
                    : new Readiness.NotReady("answers " + response.statusCode() + (body.isEmpty() ? "" : ": " + body));
        } catch (ConnectException refused) {
            return new Readiness.NotReady("nothing answers at " + where);
        } catch (HttpTimeoutException late) {
            return new Readiness.NotReady("no answer from " + where + " within " + timeOut.toSeconds() + " s");
        } catch (IOException broken) {
            return new Readiness.NotReady("could not ask " + where + ": " + broken.getMessage());
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
