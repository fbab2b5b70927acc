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
import io.vertx.core.http.HttpVersion;
import io.vertx.core.streams.WriteStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One request and its answer. Belongs to the request's event loop. */
final class Exchange {
    /** RFC 9113, section 7. After a whole answer it asks for no more of the request (section 8.1). */
    private static final long NO_ERROR = 0;

    private static final long INTERNAL_ERROR = 0x2;

    /** Of a body that is encrypted. */
    private static final int PART = 256 << 10;

    private final Desk desk;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final String label;
    private final DateHeader.Second begun;
    private final long beganNanos = System.nanoTime();
    private String cache = "";
    private Runnable whole = () -> {};

    /** What all exchanges of a listener share. */
    record Desk(CharSequence region, InstantSource clock, DateHeader date, RecentHeads heads, Traffic traffic) {
        static Desk of(RegionName region, InstantSource clock, Traffic traffic) {
            return new Desk(Fields.ascii(region.value()), clock, new DateHeader(clock), new RecentHeads(), traffic);
        }
    }

    Exchange(Desk desk, HttpServerRequest request, String label) {
        this.desk = desk;
        this.request = request;
        this.response = request.response();
        this.label = label;
        begun = desk.date().now();
        response.headers().set(HttpHeaders.DATE, begun.text()).set(Fields.X_REGION, desk.region());
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
        response.headers().set(name, Fields.ascii(value));
        return this;
    }

    /**
     * Says all of a head that others may get within the same second, too.
     *
     * @param token what the cache had to do with it
     * @param key equal to those of answers that have the same fields
     * @param fields says what isn't said yet
     */
    Exchange head(String token, Object key, Consumer<Exchange> fields) {
        cache(token);
        if (isMultiplexed() || isHead()) {
            fields.accept(this);
        } else {
            desk.heads().complete(response.headers(), begun.number(), key, () -> fields.accept(this));
        }
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
        put(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
        return endAsSaid(status, body);
    }

    /** The same, where the head says already how long the body is. */
    Future<Void> endAsSaid(int status, Buffer body) {
        response.setStatusCode(status);
        return finished(isHead() ? response.end() : takesFiles() ? response.end(body) : inParts(body(), body, 0));
    }

    /**
     * One part after the other, as the client takes them: what is encrypted is a copy, and a client that takes nothing shall not have one
     * made of all of it.
     */
    private static Future<Void> inParts(WriteStream<Buffer> client, Buffer body, int from) {
        int end = Math.min(body.length(), from + PART);
        Buffer part = body.slice(from, end);
        return end == body.length()
                ? client.end(part)
                : client.write(part).compose(taken -> inParts(client, body, end));
    }

    /** Answers with a head and nothing more. */
    Future<Void> end(int status) {
        response.setStatusCode(status);
        return finished(response.end());
    }

    /** Has something done once a body was sent that is all of what was asked for. */
    void whenWhole(Runnable action) {
        whole = action;
    }

    /** Notes the request as soon as {@code sent}, which ends the answer, is done or has failed. */
    Future<Void> finished(Future<Void> sent) {
        return sent.onComplete(done -> {
            if (done.succeeded() && response.getStatusCode() == 200) {
                whole.run();
            }
            desk.traffic()
                    .answered(
                            label,
                            response.getStatusCode(),
                            cache,
                            elapsed(),
                            () -> new RequestRecord(
                                    desk.clock().instant(),
                                    label,
                                    Objects.requireNonNullElse(request.uri(), ""),
                                    response.getStatusCode(),
                                    cache,
                                    elapsed()));
        });
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
        if (isMultiplexed()) {
            // The other streams of the connection are somebody else's, and framing keeps them apart.
            return text(failure.status(), failure.reason() + "\n").onComplete(sent -> {
                if (!request.isEnded()) {
                    response.reset(NO_ERROR);
                }
            });
        }
        // Before the answer goes: what stands behind this request may be part of it.
        Connections.hearNoMore(request.connection());
        put(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        return text(failure.status(), failure.reason() + "\n")
                .onComplete(sent -> request.connection().close());
    }

    /** Breaks the answer off: what the client has can't be taken for a whole one. */
    void cut() {
        if (isMultiplexed()) {
            response.reset(INTERNAL_ERROR);
        } else {
            request.connection().close();
        }
    }

    /** Whether there is still somebody whom an answer can reach: of a connection that its client has reset, its end may not have been heard yet. */
    boolean hasClient() {
        return !response.closed() && Connections.channel(request.connection()).isOpen();
    }

    /** Whether the connection carries other exchanges beside this one. */
    private boolean isMultiplexed() {
        return request.version() == HttpVersion.HTTP_2;
    }

    /** Where an answer's body goes. */
    WriteStream<Buffer> body() {
        return isMultiplexed() ? StreamTurns.body(request) : response;
    }

    /** Whether files go from the disk to the connection by themselves: where nothing has to be encrypted or framed. */
    boolean takesFiles() {
        return !request.isSSL() && !isMultiplexed();
    }
}
