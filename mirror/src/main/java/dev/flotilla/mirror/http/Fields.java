package dev.flotilla.mirror.http;

import io.netty.util.AsciiString;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The names of header fields, and values that don't change, in the form that costs least to write. */
final class Fields {
    static final CharSequence WWW_AUTHENTICATE = HttpHeaders.createOptimized("www-authenticate");
    static final CharSequence RANGE = HttpHeaders.createOptimized("range");
    static final CharSequence IF_RANGE = HttpHeaders.createOptimized("if-range");
    static final CharSequence X_CACHE = HttpHeaders.createOptimized("x-cache");
    static final CharSequence X_REGION = HttpHeaders.createOptimized("x-flotilla-region");
    static final CharSequence X_AGE = HttpHeaders.createOptimized("x-flotilla-age");
    static final CharSequence X_SERIAL = HttpHeaders.createOptimized("x-pypi-last-serial");
    static final CharSequence X_CONTENT_TYPE_OPTIONS = HttpHeaders.createOptimized("x-content-type-options");
    static final CharSequence CONTENT_SECURITY_POLICY = HttpHeaders.createOptimized("content-security-policy");
    static final CharSequence REFERRER_POLICY = HttpHeaders.createOptimized("referrer-policy");
    static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
    static final CharSequence VARY_ON_ACCEPT = HttpHeaders.createOptimized("Accept, Accept-Encoding");
    static final CharSequence CDN_LOOP = HttpHeaders.createOptimized("cdn-loop");
    static final CharSequence PROXY_STATUS = HttpHeaders.createOptimized("proxy-status");
    static final CharSequence DESTINATION_UNAVAILABLE =
            HttpHeaders.createOptimized("flotilla; error=destination_unavailable");
    static final CharSequence IMMUTABLE = HttpHeaders.createOptimized("max-age=365000000, immutable");
    static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
    static final CharSequence BYTES = HttpHeaders.createOptimized("bytes");
    static final CharSequence PLAIN_TEXT = HttpHeaders.createOptimized("text/plain; charset=utf-8");

    private Fields() {}

    /** A text in the form that costs least to write. What has no place in a field is refused where it is put into one. */
    static AsciiString ascii(CharSequence text) {
        return text instanceof AsciiString ascii
                ? ascii
                : new AsciiString(text.toString().getBytes(StandardCharsets.ISO_8859_1), false);
    }

    /** A field that may come several times, joined as RFC 9110, section 5.3 says. */
    static Optional<String> joined(HttpServerRequest request, CharSequence name) {
        String first = request.headers().get(name);
        if (first == null) {
            return Optional.empty();
        }
        var all = request.headers().getAll(name);
        return Optional.of(all.size() == 1 ? first : String.join(", ", all));
    }
}
