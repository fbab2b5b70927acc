package dev.flotilla.agent.mirror;

import dev.flotilla.agent.report.Health;
import dev.flotilla.vocabulary.ByteSize;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** What a mirror tells scrapers about itself, as far as a report says it. Thread-safe. */
public final class MirrorMetrics {
    private static final String USED = "flotilla_mirror_store_bytes{";
    private static final String BUDGET = "flotilla_mirror_store_budget_bytes{";

    /** A mirror has some hundred lines. */
    private static final int MOST_LINES = 5000;

    private final URI address;
    private final Duration timeOut;

    /** Nothing is asked yet. {@code readiness} is the address of the mirror's readiness; its metrics are at the same listener. */
    public MirrorMetrics(URI readiness, Duration timeOut) {
        this.address = readiness.resolve("/metrics");
        this.timeOut = timeOut;
    }

    /** What its store holds; absent where it doesn't answer, or in other words than these. */
    public Optional<Health.Store> store() {
        try {
            var connection = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(Math.toIntExact(timeOut.toMillis()));
            connection.setReadTimeout(Math.toIntExact(timeOut.toMillis()));
            connection.setInstanceFollowRedirects(false);
            connection.setRequestProperty("Connection", "close");
            try (InputStream body = connection.getInputStream()) {
                return read(new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8)));
            } finally {
                connection.disconnect();
            }
        } catch (IOException | NumberFormatException notNow) {
            // Whether the mirror serves is asked elsewhere.
            return Optional.empty();
        }
    }

    private static Optional<Health.Store> read(BufferedReader lines) throws IOException {
        long used = 0;
        long budget = 0;
        boolean found = false;
        for (int number = 0; number < MOST_LINES; number++) {
            String line = lines.readLine();
            if (line == null) {
                break;
            }
            if (line.startsWith(USED)) {
                used += value(line);
                found = true;
            } else if (line.startsWith(BUDGET)) {
                budget += value(line);
            }
        }
        return found ? Optional.of(new Health.Store(new ByteSize(used), new ByteSize(budget))) : Optional.empty();
    }

    private static long value(String line) {
        return Math.max(0, (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
    }
}
