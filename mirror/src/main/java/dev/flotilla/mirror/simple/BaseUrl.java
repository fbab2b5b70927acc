package dev.flotilla.mirror.simple;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What the references of one page are read against (RFC 3986, section 5). Nearly all of them are plain: a path, or a URL
 * of the host of the one before, out of letters, digits and the like without anything to encode or to normalise. These
 * are put together as text; all others go the long way of {@link Locations}, with the same result. For one thread.
 */
final class BaseUrl {
    private static final String PARENT = "../";
    private static final boolean[] PLAIN = new boolean[128];

    static {
        for (char c = 0; c < PLAIN.length; c++) {
            PLAIN[c] = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "/._~+!-".indexOf(c) >= 0;
        }
    }

    private final URI base;

    /** Scheme and authority of the base; null where nothing can be put behind them as it is. */
    private final @Nullable String origin;

    /** The base's path up to its last slash; null where it isn't plain. */
    private final @Nullable String folder;

    /** Scheme and authority of a reference that was found right. */
    private @Nullable String known;

    BaseUrl(URI base) {
        this.base = base;
        origin = originOf(base);
        String path = origin == null ? "" : base.getRawPath();
        String parent = path.substring(0, path.lastIndexOf('/') + 1);
        folder = isPlain(parent, 0) ? parent : null;
    }

    private static @Nullable String originOf(URI base) {
        try {
            String root = Locations.resolve(base, "/").toString();
            return root.substring(0, root.length() - 1);
        } catch (URISyntaxException nothingOfIt) {
            return null;
        }
    }

    /**
     * What {@code reference} means, without its fragment.
     *
     * @throws URISyntaxException with a reason for people where it is no URL that a file could have
     */
    Location resolve(String reference) throws URISyntaxException {
        Location plain = plain(reference);
        if (plain != null) {
            return plain;
        }
        Location location = new Location(Locations.resolve(base, reference).toString());
        int path = pathOfAbsolute(reference);
        if (path > 0 && location.text().startsWith(reference.substring(0, path + 1))) {
            known = reference.substring(0, path);
        }
        return location;
    }

    /** The base for what follows on the page. */
    BaseUrl at(String reference) throws URISyntaxException {
        return new BaseUrl(Locations.resolve(base, reference));
    }

    private @Nullable Location plain(String reference) {
        int path = pathOfAbsolute(reference);
        if (path > 0) {
            return known != null && known.length() == path && reference.startsWith(known) && isPlain(reference, path)
                    ? new Location(reference)
                    : null;
        }
        if (origin == null) {
            return null;
        }
        return isPlain(reference, 0) ? new Location(origin + reference) : relative(reference);
    }

    private @Nullable Location relative(String reference) {
        if (folder == null) {
            return null;
        }
        int at = 0;
        int end = folder.length();
        while (reference.startsWith(PARENT, at) && end > 1) {
            at += PARENT.length();
            end = folder.lastIndexOf('/', end - 2) + 1;
        }
        return at < reference.length() && isPlainRest(reference, at)
                ? new Location(origin + folder.substring(0, end) + reference.substring(at))
                : null;
    }

    /** Where the path of an absolute http or https URL begins; -1 where {@code reference} isn't written as one. */
    private static int pathOfAbsolute(String reference) {
        if (reference.startsWith("https://")) {
            return reference.indexOf('/', "https://".length());
        }
        return reference.startsWith("http://") ? reference.indexOf('/', "http://".length()) : -1;
    }

    /** Whether from {@code from} on there is a path that begins with a slash and stays as it is. */
    private static boolean isPlain(String text, int from) {
        return from < text.length()
                && text.charAt(from) == '/'
                && (from + 1 == text.length() || isPlainRest(text, from + 1));
    }

    /** Whether the segments from {@code from} on stay as they are: none is empty, but for the last, or begins with a dot. */
    private static boolean isPlainRest(String text, int from) {
        char before = '/';
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= PLAIN.length || !PLAIN[c] || (before == '/' && (c == '/' || c == '.'))) {
                return false;
            }
            before = c;
        }
        return true;
    }
}
