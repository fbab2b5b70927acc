package dev.flotilla.agent.steering;

import dev.flotilla.agent.configuration.MirrorSettings;
import dev.flotilla.agent.intent.PurgeScope;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Asks the mirror for a purge, as operators do, with the token that it has from its agent. */
final class MirrorPurge {
    private static final int LARGEST_ANSWER_BYTES = 512;

    private final MirrorSettings settings;
    private final SteeringFiles files;

    MirrorPurge(MirrorSettings settings, SteeringFiles files) {
        this.settings = settings;
        this.files = files;
    }

    /** What came of it. */
    sealed interface Answer {
        record Done() implements Answer {}

        record Failed(String reason) implements Answer {}
    }

    Answer ask(PurgeScope scope, boolean hard) {
        URI readiness = settings.readiness();
        URI address = URI.create(
                "http://" + readiness.getRawAuthority() + "/purge?" + scope.query() + (hard ? "&hard=true" : ""));
        try {
            var connection = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(
                    Math.toIntExact(settings.timeOuts().probe().toMillis()));
            connection.setReadTimeout(
                    Math.toIntExact(settings.timeOuts().check().toMillis()));
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            connection.setRequestMethod("POST");
            connection.setRequestProperty("Connection", "close");
            connection.setRequestProperty("Authorization", "Bearer " + files.token());
            try {
                int status = connection.getResponseCode();
                return status == HttpURLConnection.HTTP_OK
                        ? new Answer.Done()
                        : new Answer.Failed("the mirror answers " + status + " at " + address
                                + said(connection).map(line -> ": " + line).orElse(""));
            } finally {
                connection.disconnect();
            }
        } catch (IOException unreachable) {
            return new Answer.Failed("the mirror doesn't answer at " + address + ": " + unreachable.getMessage());
        }
    }

    private static Optional<String> said(HttpURLConnection connection) throws IOException {
        try (InputStream body = connection.getErrorStream()) {
            return body == null
                    ? Optional.empty()
                    : new String(body.readNBytes(LARGEST_ANSWER_BYTES), StandardCharsets.UTF_8)
                            .lines()
                            .findFirst();
        }
    }
}
