package dev.flotilla.agent.mirror;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks a mirror what it gave its clients last that needed no upstream. Where it has given out nothing yet, there is always its
 * {@code /pip.conf}, which tells that clients are answered at all. Thread-safe.
 */
final class ServedQuestion {
    private static final ByteSize LARGEST = ByteSize.ofKiB(16);

    private final URI address;
    private final Duration timeOut;

    /** @param readiness the address of the mirror's readiness; this is at the same listener */
    ServedQuestion(URI readiness, Duration timeOut) {
        this.address = readiness.resolve("/served");
        this.timeOut = timeOut;
    }

    /** A page, and a file if there is one, at the clients' listener. */
    record Answer(URI page, Optional<URI> file) {}

    /** Empty where the mirror doesn't say, as earlier ones don't. */
    Optional<Answer> ask() {
        try {
            var connection = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(Math.toIntExact(timeOut.toMillis()));
            connection.setReadTimeout(Math.toIntExact(timeOut.toMillis()));
            connection.setInstanceFollowRedirects(false);
            connection.setRequestProperty("Connection", "close");
            try (InputStream body = connection.getInputStream()) {
                return connection.getResponseCode() == HttpURLConnection.HTTP_OK
                        ? Optional.of(read(body.readNBytes(Math.toIntExact(LARGEST.bytes()))))
                        : Optional.empty();
            } finally {
                connection.disconnect();
            }
        } catch (IOException | MalformedJsonException doesNotSay) {
            return Optional.empty();
        }
    }

    private static Answer read(byte[] document) {
        JsonObject said = new JsonReader(LARGEST).object(document);
        String listener = said.text("listener");
        return new Answer(
                said.optionalParsed("page", path -> at(listener, path)).orElseGet(() -> at(listener, "/pip.conf")),
                said.optionalParsed("file", path -> at(listener, path)));
    }

    private static URI at(String listener, String path) {
        return URI.create("http://" + listener + path);
    }
}
