package dev.flotilla.controller.fleet;

import java.net.URI;
import java.net.URISyntaxException;

/** The rule for an API's address in a configuration. */
final class Endpoint {
    private Endpoint() {}

    static URI parse(String text) {
        try {
            URI uri = new URI(text);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
                return uri;
            }
        } catch (URISyntaxException invalid) {
            throw new IllegalArgumentException(problem(text), invalid);
        }
        throw new IllegalArgumentException(problem(text));
    }

    private static String problem(String text) {
        return "'" + text + "' is no endpoint: write scheme, host and port, as in http://127.0.0.1:9000";
    }
}
