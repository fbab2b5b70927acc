package dev.flotilla.mirror.http;

import dev.flotilla.mirror.ops.RequestRecord;
import dev.flotilla.mirror.ops.Traffic;
import dev.flotilla.vocabulary.RegionName;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One request and its answer. Belongs to the request's event loop. */
final class Exchange {
    private final Desk desk;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final String label;
    private final long beganNanos = System.nanoTime();
    private String cache = "";

    /** What all exchanges of a listener share. */
    record Desk(RegionName region, InstantSource clock, DateHeader date, Traffic traffic) {
        static Desk of(RegionName region, InstantSource clock, Traffic traffic) {
            return new Desk(region, clock, new DateHeader(clock), traffic);
        }
    }

    Exchange(Desk desk, HttpServerRequest request, String label) {
        this.desk = desk;
        this.request = request;
        this.response = request.response();
        this.label = label;
        response.headers()
                .set(HttpHeaders.DATE, desk.date().text())
                .set(Fields.X_REGION, desk.region().value());
    }

    HttpServerRequest request() {
        return request;
    }

    HttpServerResponse response() {
        return response;
    }

    boolean isHead() {
        return request.method().equals(HttpMethod.HEAD);
    }

    /**
     * Answers with what is {@code coming}. Whatever goes wrong, with it or with answering, ends the exchange as a fault of this
     * program: nobody waits for an answer that will never be.
     */
    <T> void answer(Future<T> coming, Consumer<T> answering) {
        coming.compose(come -> {
                    answering.accept(come);
                    return Future.succeededFuture();
                })
                .onFailure(fault -> ClientListener.fault(this, fault));
    }

    /** Whether the client has left, so that nothing can be answered. */
    boolean isOver() {
        return response.closed() || response.ended();
    }

    Exchange put(CharSequence name, CharSequence value) {
        response.headers().set(name, value);
        return this;
    }

    /** Takes back what was said of an answer that isn't sent after all, so that the one in its place isn't taken for it. */
    Exchange takeBack() {
        response.headers()
                .remove(HttpHeaders.ETAG)
                .remove(HttpHeaders.ACCEPT_RANGES)
                .remove(HttpHeaders.CONTENT_ENCODING)
                .remove(HttpHeaders.CONTENT_LENGTH)
                .remove(HttpHeaders.CONTENT_RANGE);
        return this;
    }

    /** Says what the cache had to do with it. */
    Exchange cache(String token) {
        cache = token;
        return put(Fields.X_CACHE, token);
    }

    /** Answers with {@code body}, whose length goes into the head; without it where only the head was asked for. */
    Future<Void> end(int status, Buffer body) {
        response.setStatusCode(status);
        put(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
        return finished(isHead() ? response.end() : response.end(body));
    }

    /** Answers with a head and nothing more. */
    Future<Void> end(int status) {
        response.setStatusCode(status);
        return finished(response.end());
    }

    /** Notes the request as soon as {@code sent}, which ends the answer, is done or has failed. */
    Future<Void> finished(Future<Void> sent) {
        return sent.onComplete(done -> desk.traffic()
                .answered(
                        label,
                        response.getStatusCode(),
                        cache,
                        elapsed(),
                        () -> new RequestRecord(
                                desk.clock().instant(),
                                label,
                                request.uri(),
                                response.getStatusCode(),
                                cache,
                                elapsed())));
    }

    private Duration elapsed() {
        return Duration.of(System.nanoTime() - beganNanos, TimeUnit.NANOSECONDS.toChronoUnit());
    }

    Future<Void> text(int status, String text) {
        put(HttpHeaders.CONTENT_TYPE, Fields.PLAIN_TEXT).put(HttpHeaders.CACHE_CONTROL, Fields.NO_STORE);
        return end(status, Buffer.buffer(text));
    }

    Future<Void> fail(Failure failure) {
        failure.allow().ifPresent(methods -> put(HttpHeaders.ALLOW, methods));
        failure.deferral().ifPresent(deferral -> {
            if (failure.status() == 503) {
                put(HttpHeaders.RETRY_AFTER, Failure.seconds(deferral));
            }
            desk.traffic().deferred(deferral.cause().token());
        });
        if (failure.isOfOthers()) {
            put(Fields.PROXY_STATUS, Fields.DESTINATION_UNAVAILABLE);
        }
        if (!failure.closes()) {
            return text(failure.status(), failure.reason() + "\n");
        }
        put(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        return text(failure.status(), failure.reason() + "\n")
                .onComplete(sent -> request.connection().close());
    }

    /** Breaks the connection off: what the client has can't be taken for a whole answer. */
    void cut() {
        request.connection().close();
    }
}
