package dev.flotilla.agent.tuf;

import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.MetadataSource;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** A repository on a web server. Thread-safe. */
final class HttpRepository implements MetadataSource {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration READ = Duration.ofSeconds(30);
    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    private final String base;

    HttpRepository(String base) {
        this.base = base.endsWith("/") ? base : base + "/";
    }

    @Override
    public Fetched fetch(MetadataFile file, Optional<String> known, ByteSize limit) {
        return fetch(file.name(), limit);
    }

    /**
     * Fetches a file.
     *
     * @param name as it stands in the address, percent-encoded
     */
    Fetched fetch(String name, ByteSize limit) {
        String what = base + name;
        try {
            var connection = (HttpURLConnection) URI.create(what).toURL().openConnection();
            connection.setConnectTimeout(Math.toIntExact(CONNECT.toMillis()));
            connection.setReadTimeout(Math.toIntExact(READ.toMillis()));
            connection.setInstanceFollowRedirects(false);
            try {
                return switch (connection.getResponseCode()) {
                    case OK -> body(connection, what, limit);
                    case FORBIDDEN, NOT_FOUND -> new Fetched.Absent("there is no " + what);
                    default -> new Fetched.Failed(what + " answers " + connection.getResponseCode());
                };
            } finally {
                connection.disconnect();
            }
        } catch (IOException | IllegalArgumentException broken) {
            return new Fetched.Failed("could not fetch " + what + ": " + broken.getMessage());
        }
    }

    private static Fetched body(HttpURLConnection connection, String what, ByteSize limit) throws IOException {
        int most = Math.toIntExact(Math.min(limit.bytes(), Integer.MAX_VALUE - 1L));
        try (InputStream body = connection.getInputStream()) {
            byte[] content = body.readNBytes(most + 1);
            return content.length > most
                    ? new Fetched.TooLarge(what + " is larger than " + limit)
                    : new Fetched.Found(content, Optional.empty());
        }
    }
}
