package dev.flotilla.agent.mirror;

import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Asks a mirror whether it can serve: status 200 and {@code ready ‹region› ‹node›}, or 503 and {@code drained ‹region› ‹node›},
 * so that another program on the same port doesn't pass for this node's mirror. Thread-safe.
 */
final class ReadinessProbe {
    private static final String PROCESS = "process ";
    private static final int LARGEST_ANSWER_BYTES = 512;

    private final URI address;
    private final String ready;
    private final String drained;
    private final Duration timeOut;

    ReadinessProbe(URI address, RegionName region, NodeName node, Duration timeOut) {
        this.address = address;
        this.ready = "ready " + region + " " + node;
        this.drained = "drained " + region + " " + node;
        this.timeOut = timeOut;
    }

    /** The outcome of one probe. */
    sealed interface Answer {
        /**
         * It can serve.
         *
         * @param drained whether it asks its clients to go elsewhere, as it was told
         */
        record Ready(boolean drained) implements Answer {}

        record NotReady(String reason) implements Answer {}
    }

    /**
     * Asks whether that very process is ready. While one mirror takes over from another, either may answer; one that doesn't say
     * who it is, as those before 0.1 did, counts.
     */
    Answer ask(long process) {
        try {
            var connection = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(Math.toIntExact(timeOut.toMillis()));
            connection.setReadTimeout(Math.toIntExact(timeOut.toMillis()));
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            connection.setRequestProperty("Connection", "close");
            try {
                return judged(connection.getResponseCode(), lines(connection), process);
            } finally {
                connection.disconnect();
            }
        } catch (IOException unreachable) {
            return new Answer.NotReady("the mirror doesn't answer at " + address + ": " + unreachable.getMessage());
        }
    }

    private Answer judged(int status, List<String> lines, long process) {
        String line = lines.isEmpty() ? "" : lines.getFirst().strip();
        boolean isDrained = status == HttpURLConnection.HTTP_UNAVAILABLE && line.equals(drained);
        if (status != HttpURLConnection.HTTP_OK && !isDrained) {
            return new Answer.NotReady("the mirror answers " + status + " at " + address + ": " + line);
        }
        if (!isDrained && !line.equals(ready)) {
            return new Answer.NotReady(
                    "something else answers at " + address + ": '" + line + "' in place of '" + ready + "'");
        }
        if (lines.size() > 1
                && lines.get(1).startsWith(PROCESS)
                && !lines.get(1).equals(PROCESS + process)) {
            return new Answer.NotReady(lines.get(1) + " answers at " + address + ", not process " + process);
        }
        return new Answer.Ready(isDrained);
    }

    private static List<String> lines(HttpURLConnection connection) throws IOException {
        try (InputStream body = connection.getResponseCode() < HttpURLConnection.HTTP_BAD_REQUEST
                ? connection.getInputStream()
                : connection.getErrorStream()) {
            if (body == null) {
                return List.of();
            }
            String text = new String(body.readNBytes(LARGEST_ANSWER_BYTES), StandardCharsets.UTF_8);
            return text.lines().toList();
        }
    }
}
