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
import java.util.Set;

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

        /** Another try may do better. */
        record Failed(String reason) implements Answer {}

        /** The mirror doesn't understand what is wanted, and won't however often it is asked. */
        record Refused(String reason) implements Answer {}
    }

    /**
     * What says that the request itself is to blame (RFC 9110, section 15.5). Others of its class say that something around it is: a
     * token that isn't known (401, 403), a mirror too old for purges (404), too many of them (429), too slow a way (408).
     */
    private static final Set<Integer> WRONG_REQUEST = Set.of(400, 405, 410, 411, 413, 414, 415, 422, 431);

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
                if (status == HttpURLConnection.HTTP_OK) {
                    return new Answer.Done();
                }
                String reason = "the mirror answers " + status + " at " + address
                        + said(connection).map(line -> ": " + line).orElse("");
                return WRONG_REQUEST.contains(status) ? new Answer.Refused(reason) : new Answer.Failed(reason);
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
