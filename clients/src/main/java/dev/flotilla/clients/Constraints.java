package dev.flotilla.clients;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where pip and uv find the file of constraints that a region's clients go by: an address by HTTP or HTTPS, or an absolute path on
 * the worker. Both programs take a list of them apart at its spaces, so it has none.
 */
public record Constraints(String value) {
    private static final String EXAMPLES =
            ": write an address as in https://example.org/upper-constraints.txt, or an absolute path on workers, without spaces";

    public Constraints {
        boolean plain = !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (!plain || !(value.startsWith("/") || isAddress(value))) {
            throw new IllegalArgumentException("'" + value + "' is no file of constraints" + EXAMPLES);
        }
    }

    private static boolean isAddress(String text) {
        try {
            URI uri = new URI(text);
            return ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (URISyntaxException none) {
            return false;
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
