package dev.flotilla.mirror.simple;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where an upstream has something that its page names: a URL, absolute, http or https, with a host and a path, without user
 * information and fragment (RFC 3986). It is held as text: pages have thousands, and a {@link URI} takes several times the
 * memory. Immutable.
 */
public final class Location {
    private final String text;

    /** {@code text} was found to be one. */
    Location(String text) {
        this.text = text;
    }

    /** {@link IllegalArgumentException} where {@code uri} is none. */
    public static Location of(URI uri) {
        Locations.require(uri);
        return new Location(uri.toString());
    }

    public URI uri() {
        return URI.create(text);
    }

    public String text() {
        return text;
    }

    /** The path, still percent-encoded, without the query. */
    String rawPath() {
        int query = text.indexOf('?');
        return text.substring(text.indexOf('/', text.indexOf("//") + 2), query < 0 ? text.length() : query);
    }

    /** This one with {@code suffix}, which a path can carry, behind its path, and with its query. */
    Location withSuffix(String suffix) {
        int query = text.indexOf('?');
        return new Location(query < 0 ? text + suffix : text.substring(0, query) + suffix + text.substring(query));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Location that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
