package dev.flotilla.mirror.http;

import dev.flotilla.mirror.pages.PageAnswer;
import dev.flotilla.mirror.pages.PageCache;
import dev.flotilla.mirror.pages.PageOutcome;
import dev.flotilla.mirror.pages.PreparedBody;
import dev.flotilla.mirror.pages.Variant;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.mirror.simple.Negotiation;
import dev.flotilla.mirror.store.PageKey;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Answers requests for pages: negotiation, validators, lifetimes (PEP 691; RFC 9110, sections 8.8 and 13; RFC 9111). */
final class PageResponses {
    /** More than any client has reason to send; what follows isn't read. */
    private static final int MOST_DIRECTIVES = 16;

    private final Preferences preferences = new Preferences();
    private final PageCache pages;
    private final FailureMapping failures;

    PageResponses(PageCache pages, FailureMapping failures) {
        this.pages = pages;
        this.failures = failures;
    }

    void answer(Exchange exchange, PageKey key, View view, Optional<String> format) {
        exchange.put(HttpHeaders.VARY, Fields.VARY_ON_ACCEPT);
        var request = exchange.request();
        var choice = preferences.form(request, format);
        var coding = preferences.coding(request);
        if (!(choice instanceof Negotiation.Choice.Chosen chosen) || coding.isEmpty()) {
            exchange.fail(FailureMapping.notAcceptable());
            return;
        }
        var variant = new Variant(chosen.form(), coding.get());
        boolean recent = wantsRecent(request.headers().get(HttpHeaders.CACHE_CONTROL));
        exchange.answer(
                recent ? pages.recentPage(key, view, variant) : pages.page(key, view, variant),
                answer -> send(exchange, answer, chosen.contentType()));
    }

    /** Whether a client's {@code Cache-Control} wishes upstream to be asked; usual ones are recognised without being parsed. */
    static boolean wantsRecent(@Nullable String cacheControl) {
        if (cacheControl == null) {
            return false;
        }
        if (cacheControl.equals("max-age=0") || cacheControl.equals("no-cache")) {
            return true;
        }
        for (String directive : cacheControl.split(",", MOST_DIRECTIVES)) {
            String stripped = directive.strip();
            if (stripped.equalsIgnoreCase("no-cache") || stripped.equalsIgnoreCase("max-age=0")) {
                return true;
            }
        }
        return false;
    }

    private void send(Exchange exchange, PageAnswer answer, String contentType) {
        switch (answer) {
            case PageAnswer.Served served -> send(exchange, served, contentType);
            case PageAnswer.Absent absent -> exchange.fail(FailureMapping.of(absent));
            case PageAnswer.Blocked blocked -> exchange.fail(FailureMapping.of(blocked));
            case PageAnswer.Private reserved -> exchange.fail(FailureMapping.of(reserved));
            case PageAnswer.Unavailable unavailable -> exchange.fail(failures.of(unavailable));
            case PageAnswer.Overloaded overloaded -> exchange.fail(failures.of(overloaded));
        }
    }

    static void send(Exchange exchange, PageAnswer.Served served, String contentType) {
        var body = served.body();
        if (exchange.isOver()) {
            body.release();
            return;
        }
        Optional<String> known = Fields.joined(exchange.request(), HttpHeaders.IF_NONE_MATCH);
        if (known.isPresent() && EntityTags.anyMatches(known.get(), body.etag())) {
            exchange.cache(served.outcome().token());
            describe(exchange, served);
            exchange.end(304).onComplete(sent -> body.release());
            return;
        }
        long remaining = served.remaining().toSeconds();
        long age = served.age().toSeconds();
        exchange.head(
                        served.outcome().token(),
                        new Head(body, served.outcome(), age, remaining, served.serial(), contentType),
                        head -> {
                            describe(head, served);
                            head.put(HttpHeaders.CONTENT_TYPE, contentType)
                                    .put(HttpHeaders.CONTENT_LENGTH, body.lengthText());
                            if (body.coding() != ContentCoding.IDENTITY) {
                                head.put(
                                        HttpHeaders.CONTENT_ENCODING,
                                        body.coding().token());
                            }
                        })
                .endAsSaid(200, body.buffer())
                .onComplete(sent -> body.release());
    }

    /** All that the heads of a page's answers differ in. */
    private record Head(
            PreparedBody body,
            PageOutcome outcome,
            long age,
            long remaining,
            OptionalLong serial,
            String contentType) {}

    private static void describe(Exchange exchange, PageAnswer.Served served) {
        exchange.put(HttpHeaders.ETAG, served.body().etag())
                .put(HttpHeaders.CACHE_CONTROL, "max-age=" + served.remaining().toSeconds())
                .put(Fields.X_AGE, Long.toString(served.age().toSeconds()));
        if (served.serial().isPresent()) {
            exchange.put(Fields.X_SERIAL, Long.toString(served.serial().getAsLong()));
        }
    }
}
