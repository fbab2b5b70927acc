package dev.flotilla.controller.local;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;

/** Finds out whether an index answers. It goes the mirror's way: straight to the host, through no proxy. */
final class IndexProbe {
    private static final int FIRST_SERVER_ERROR = 500;

    private final Duration patience;

    IndexProbe(Duration patience) {
        this.patience = patience;
    }

    /** Why the index can't be reached, or nothing where it can. Any answer counts that is not the server's own failure. */
    Optional<String> unreachable(URI index) {
        try (var client = HttpClient.newBuilder().connectTimeout(patience).build()) {
            var request = HttpRequest.newBuilder(index)
                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                    .timeout(patience)
                    .build();
            int status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            return status < FIRST_SERVER_ERROR ? Optional.empty() : Optional.of("it answers with status " + status);
        } catch (HttpTimeoutException late) {
            return Optional.of("no answer within " + patience.toSeconds() + " s");
        } catch (ConnectException refused) {
            return Optional.of("no connection");
        } catch (IOException broken) {
            String message = broken.getMessage();
            return Optional.of(message == null ? broken.getClass().getSimpleName() : message);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }
}
