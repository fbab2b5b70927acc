package dev.flotilla.mirror.simple;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The URLs that pages carry: made absolute, http or https only, without user information and fragment (RFC 3986). */
final class Locations {
    /** What may stand in a URL as it is; everything else is percent-encoded before parsing, as browsers and pip do. */
    private static final String LEGAL = "!#$%&'()*+,-./:;=?@_~";

    private Locations() {}

    static void require(URI location) {
        String problem = problem(location);
        if (problem != null) {
            throw new IllegalArgumentException(problem + ": " + Texts.shown(location.toString()));
        }
    }

    /**
     * What {@code reference} means on a page whose URL is {@code base}, without its fragment.
     *
     * @throws URISyntaxException with a reason for people where it is no URL that a file could have
     */
    static URI resolve(URI base, String reference) throws URISyntaxException {
        URI parsed = new URI(encoded(reference.strip()));
        if (parsed.isOpaque()) {
            throw new URISyntaxException(Texts.shown(reference), "a location that is not http or https");
        }
        URI absolute = withoutFragment(base.resolve(parsed).normalize());
        String problem = problem(absolute);
        if (problem != null) {
            throw new URISyntaxException(Texts.shown(reference), problem);
        }
        return absolute;
    }

    private static @Nullable String problem(URI location) {
        String scheme = location.getScheme();
        if (scheme == null || !(scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"))) {
            return "a location that is not http or https";
        }
        if (location.getHost() == null) {
            return "a location without a host";
        }
        if (location.getRawUserInfo() != null) {
            return "a location with user information";
        }
        if (location.getRawFragment() != null) {
            return "a location with a fragment";
        }
        String path = location.getRawPath();
        if (path.isEmpty() || path.startsWith("/../") || path.equals("/..")) {
            return "a location without a path";
        }
        return null;
    }

    private static URI withoutFragment(URI uri) throws URISyntaxException {
        if (uri.getRawFragment() == null) {
            return uri;
        }
        String text = uri.toString();
        return new URI(text.substring(0, text.indexOf('#')));
    }

    private static String encoded(String text) {
        var encoded = new StringBuilder(text.length() + 16);
        int fragment = text.indexOf('#');
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int length = Character.charCount(c);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            boolean badPercent = c == '%' && !isEscape(text, i);
            boolean secondHash = c == '#' && i != fragment;
            if (plain || (LEGAL.indexOf(c) >= 0 && !badPercent && !secondHash) || isBracketOfHost(text, i)) {
                encoded.appendCodePoint(c);
            } else {
                for (byte b : text.substring(i, i + length).getBytes(StandardCharsets.UTF_8)) {
                    encoded.append(String.format(Locale.ROOT, "%%%02X", b));
                }
            }
            i += length;
        }
        return encoded.toString();
    }

    private static boolean isEscape(String text, int at) {
        return at + 2 < text.length()
                && Character.digit(text.charAt(at + 1), 16) >= 0
                && Character.digit(text.charAt(at + 2), 16) >= 0
                && text.charAt(at + 1) < 128
                && text.charAt(at + 2) < 128;
    }

    /** Brackets are legal around an IPv6 address only. */
    private static boolean isBracketOfHost(String text, int at) {
        char c = text.charAt(at);
        if (c != '[' && c != ']') {
            return false;
        }
        int authority = text.indexOf("//");
        if (authority < 0 || authority > at) {
            return false;
        }
        int path = text.indexOf('/', authority + 2);
        return path < 0 || at < path;
    }
}
