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
import java.util.Set;

/** What a mirror tells scrapers about itself, as far as a report says it. Thread-safe. */
public final class MirrorMetrics {
    private static final String USED = "flotilla_mirror_store_bytes{";
    private static final String FETCHES = "flotilla_mirror_pages_fetches_total{";
    private static final String REQUESTS = "flotilla_mirror_requests_seconds_count{";
    private static final String SHUNNED = "flotilla_upstream_circuit_open{";

    /** Who asks how the mirror is, is no client of it. */
    private static final Set<String> ABOUT_ITSELF = Set.of("readyz", "livez", "metrics", "served", "purge", "explain");

    private static final Set<String> IN_VAIN = Set.of("failed", "not-asked", "unreadable");
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

    /** What it says; each absent where it doesn't answer, or in other words than these. */
    public record Said(Optional<Health.Store> store, Optional<Health.Pages> pages, Optional<Long> clientsRequests) {
        static final Said NOTHING = new Said(Optional.empty(), Optional.empty(), Optional.empty());
    }

    public Said ask() {
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
            return Said.NOTHING;
        }
    }

    private static Said read(BufferedReader lines) throws IOException {
        long used = 0;
        long budget = 0;
        boolean found = false;
        long fetches = 0;
        long failed = 0;
        long stale = 0;
        long shunned = 0;
        long requests = 0;
        boolean fetched = false;
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
            } else if (line.startsWith(FETCHES)) {
                fetches += value(line);
                failed += IN_VAIN.stream().anyMatch(outcome -> isTagged(line, "outcome", outcome)) ? value(line) : 0;
                fetched = true;
            } else if (line.startsWith(REQUESTS)) {
                stale += isTagged(line, "cache", "stale") ? value(line) : 0;
                requests += ABOUT_ITSELF.stream().anyMatch(route -> isTagged(line, "route", route)) ? 0 : value(line);
            } else if (line.startsWith(SHUNNED)) {
                shunned += value(line);
            }
        }
        return new Said(
                found ? Optional.of(new Health.Store(new ByteSize(used), new ByteSize(budget))) : Optional.empty(),
                fetched ? Optional.of(new Health.Pages(fetches, failed, stale, shunned)) : Optional.empty(),
                fetched ? Optional.of(requests) : Optional.empty());
    }

    private static boolean isTagged(String line, String key, String value) {
        return line.contains(key + "=\"" + value + "\"");
    }

    private static long value(String line) {
        return Math.max(0, (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
    }
}
