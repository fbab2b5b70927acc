package dev.flotilla.mirror.http;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.mirror.simple.Negotiation;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Function;

/** What clients accept ({@link Negotiation}). They send the same few fields again and again, which are parsed once. For any thread. */
final class Preferences {
    private static final int MOST = 256;

    /** In characters. pip's field has 110. */
    private static final int LONGEST = 512;

    private final LoadingCache<String, Negotiation.Choice> forms =
            known(accept -> Negotiation.form(Optional.of(accept), Optional.empty()));
    private final LoadingCache<String, Optional<ContentCoding>> codings =
            known(accept -> Negotiation.coding(Optional.of(accept)));

    private static <T> LoadingCache<String, T> known(Function<String, T> meaning) {
        return Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build(meaning::apply);
    }

    /** @param format the value of the query's {@code format}, decoded; it goes over the field */
    Negotiation.Choice form(HttpServerRequest request, Optional<String> format) {
        Optional<String> accept = Fields.joined(request, HttpHeaders.ACCEPT);
        return format.isEmpty() && isShort(accept) ? forms.get(accept.get()) : Negotiation.form(accept, format);
    }

    Optional<ContentCoding> coding(HttpServerRequest request) {
        Optional<String> accept = Fields.joined(request, HttpHeaders.ACCEPT_ENCODING);
        return isShort(accept) ? codings.get(accept.get()) : Negotiation.coding(accept);
    }

    private static boolean isShort(Optional<String> field) {
        return field.isPresent() && field.get().length() <= LONGEST;
    }
}
