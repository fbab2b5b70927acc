package dev.flotilla.mirror.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request target in origin form (RFC 9112, section 3.2.1), taken apart without ever being put together again.
 *
 * @param path as it was sent, still percent-encoded
 * @param segments the decoded segments of the path; the last one is empty where the path ends with a slash
 * @param query what follows the question mark, undecoded; empty where nothing does
 */
record RequestTarget(String path, List<String> segments, String query) {
    /** More than the deepest route has: what is deeper is unknown, whatever it holds. */
    private static final int MOST_SEGMENTS = 16;

    /** The outcome of taking a target apart. */
    sealed interface Parsing {
        record Parsed(RequestTarget target) implements Parsing {}

        /** The target is no normal path. */
        record Malformed(String reason) implements Parsing {}
    }

    static Parsing parse(String raw) {
        if (raw.isEmpty() || raw.charAt(0) != '/') {
            return new Parsing.Malformed("the request target has to be a path that begins with '/'");
        }
        if (!isPrintable(raw)) {
            return new Parsing.Malformed("the request target has a character that isn't printable ASCII");
        }
        int question = raw.indexOf('?');
        String path = question < 0 ? raw : raw.substring(0, question);
        String query = question < 0 ? "" : raw.substring(question + 1);
        if (path.indexOf('#') >= 0 || query.indexOf('#') >= 0) {
            return new Parsing.Malformed("a request target has no fragment");
        }
        var segments = new ArrayList<String>();
        int start = 1;
        while (start <= path.length()) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            if (end == start && slash >= 0) {
                return new Parsing.Malformed("the path has an empty segment ('//')");
            }
            Optional<String> segment = decoded(path.substring(start, end));
            if (segment.isEmpty()) {
                return new Parsing.Malformed("the path has a segment that is no plain name");
            }
            if (segments.size() == MOST_SEGMENTS) {
                return new Parsing.Malformed("the path has more than " + MOST_SEGMENTS + " segments");
            }
            segments.add(segment.get());
            start = end + 1;
        }
        return new Parsing.Parsed(new RequestTarget(path, List.copyOf(segments), query));
    }

    private static boolean isPrintable(String raw) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** The segment's text, unless it could mean anything but one name: a separator, a dot segment, a control character. */
    private static Optional<String> decoded(String segment) {
        String text = segment;
        if (segment.indexOf('%') >= 0) {
            Optional<String> unescaped = unescaped(segment);
            if (unescaped.isEmpty()) {
                return Optional.empty();
            }
            text = unescaped.get();
        }
        if (text.equals(".") || text.equals("..")) {
            return Optional.empty();
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == '/' || c == '\\') {
                return Optional.empty();
            }
        }
        return Optional.of(text);
    }

    private static Optional<String> unescaped(String segment) {
        var bytes = ByteBuffer.allocate(segment.length() * 3);
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%') {
                int high = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 1), 16) : -1;
                int low = high < 0 ? -1 : Character.digit(segment.charAt(i + 2), 16);
                if (low < 0) {
                    return Optional.empty();
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else {
                bytes.put((byte) c);
            }
        }
        try {
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString());
        } catch (CharacterCodingException malformed) {
            return Optional.empty();
        }
    }

    /** The target without its first segments, which are spelled as {@code prefix}; empty where others are there. */
    Optional<RequestTarget> below(String prefix) {
        if (!path.startsWith(prefix + "/")) {
            return Optional.empty();
        }
        int depth = (int) prefix.chars().filter(c -> c == '/').count();
        return Optional.of(
                new RequestTarget(path.substring(prefix.length()), segments.subList(depth, segments.size()), query));
    }

    /** Another segment in place of the one at {@code index}, as a location relative to this target; the rest as it was sent. */
    Optional<String> inPlaceOf(int index, String segment) {
        int start = 0;
        for (int i = 0; i <= index; i++) {
            start = path.indexOf('/', start) + 1;
        }
        int end = path.indexOf('/', start);
        return end < 0
                ? Optional.empty()
                : Optional.of("../".repeat(segments.size() - 1 - index)
                        + segment
                        + path.substring(end)
                        + (query.isEmpty() ? "" : "?" + query));
    }

    /** All parameters of the query, decoded; empty where one comes twice, has no value or can't be decoded, or they are many. */
    Optional<Map<String, String>> parameters() {
        var parameters = new HashMap<String, String>();
        String[] pairs = query.isEmpty() ? new String[0] : query.split("&", -1);
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            Optional<String> value = unescaped(pair.substring(equals + 1));
            if (equals < 1
                    || value.isEmpty()
                    || pairs.length > MOST_SEGMENTS
                    || parameters.put(pair.substring(0, equals), value.get()) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(parameters);
    }

    /** The value of the query's first parameter {@code name}, decoded; undecoded where that isn't possible. */
    Optional<String> parameter(String name) {
        if (query.isEmpty()) {
            return Optional.empty();
        }
        for (String pair : query.split("&", MOST_SEGMENTS)) {
            if (pair.startsWith(name) && pair.length() > name.length() && pair.charAt(name.length()) == '=') {
                String value = pair.substring(name.length() + 1);
                return Optional.of(unescaped(value).orElse(value));
            }
        }
        return Optional.empty();
    }
}
