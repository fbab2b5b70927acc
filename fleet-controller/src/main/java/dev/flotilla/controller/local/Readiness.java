package dev.flotilla.controller.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks mirrors whether they serve. Thread-safe. */
final class Readiness implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int OK = 200;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    /** Whether a mirror serves, and what it said or why it could not be asked. */
    record Answer(boolean ready, String said) {}

    Answer ask(URI readyz) throws InterruptedException {
        try {
            var response = client.send(
                    HttpRequest.newBuilder(readyz).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode() == OK, response.body().strip());
        } catch (IOException silent) {
            return new Answer(false, "no answer");
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
