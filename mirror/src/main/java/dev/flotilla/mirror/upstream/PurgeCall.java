package dev.flotilla.mirror.upstream;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * What the command line asks a running mirror of this machine. It is here because nothing outside of this package opens
 * connections or sees the text of a secret. Plain blocking code: for the command's own thread.
 */
public final class PurgeCall {
    private PurgeCall() {}

    /** What the mirror said; {@code text} is JSON where {@code status} is 200 or 500. */
    public record Answer(int status, String text) {}

    /**
     * Asks for a purge, past any proxy.
     *
     * @param target with its query
     * @param patience how long the answer may take
     * @throws IOException where nobody answers
     */
    public static Answer send(URI target, Secret token, Duration patience) throws IOException, InterruptedException {
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience)
                .build()) {
            var request = HttpRequest.newBuilder(target)
                    .timeout(patience)
                    .header("Authorization", "Bearer " + token.reveal())
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            var response = client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            return new Answer(response.statusCode(), response.body());
        }
    }
}
