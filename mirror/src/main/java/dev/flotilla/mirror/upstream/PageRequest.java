package dev.flotilla.mirror.upstream;

import dev.flotilla.mirror.simple.PageForm;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.internal.ContextInternal;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** One page asked for at one upstream, with its further attempts. For one context. */
final class PageRequest {
    private final UpstreamIndex upstream;
    private final Subject subject;
    private final URI page;
    private final Optional<Validators> validators;
    private final long largest;
    private final Outbound outbound;
    private final Trust trust;
    private final Passage passage;
    private final Trail trail;
    private final Room room;
    private final Cancellation cancellation = new Cancellation();
    private boolean over;

    /** Whether it waits for room on the heap: that is no fault of the upstream, which has begun to answer. */
    private boolean crowded;

    PageRequest(
            UpstreamIndex upstream,
            URI page,
            Optional<Validators> validators,
            long largest,
            Outbound outbound,
            Trust trust,
            Passage passage,
            Trail trail,
            Room room,
            Subject subject) {
        this.upstream = upstream;
        this.subject = subject;
        this.page = page;
        this.validators = validators;
        this.largest = largest;
        this.outbound = outbound;
        this.trust = trust;
        this.passage = passage;
        this.trail = trail;
        this.room = room;
    }

    /** Asks; the future never fails. */
    Future<PageFetch> run() {
        trust.first();
        return attempt(0);
    }

    /** Gives up, since it takes too long: what is open is closed, and nothing more is tried. */
    void giveUp() {
        over = true;
        if (crowded) {
            passage.worked();
        } else {
            passage.failed();
        }
        cancellation.cancel();
    }

    /** What to say of it where it took too long. */
    String reasonOfGivingUp(Duration time) {
        return crowded
                ? "its page is a large one, and within " + time.toMillis()
                        + " ms there was no room for it beside others (see pages.arrival-memory)"
                : "no whole answer within " + time.toMillis() + " ms";
    }

    private Future<PageFetch> attempt(int number) {
        var exchange = new Exchange(
                outbound.connections(),
                upstream,
                headers(),
                number,
                outbound.limits().redirects(),
                cancellation,
                passage,
                Map.of());
        return exchange.get(page)
                .compose(this::judge)
                .onSuccess(outcome -> passage.worked())
                .recover(cause -> {
                    UpstreamFailure failure = UpstreamFailure.of(cause);
                    if (failure.isWorthRetrying() && number < outbound.limits().retries() && !over && trust.again()) {
                        return attempt(number + 1);
                    }
                    if (!over) {
                        passage.ended(failure);
                    }
                    return Future.succeededFuture(new PageFetch.Failed(
                            "upstream " + upstream.name() + ": " + failure.reason(), failure.deferral()));
                });
    }

    private MultiMap headers() {
        var headers = outbound.fields(trail)
                .set(HttpHeaders.ACCEPT, subject.accept())
                .set(HttpHeaders.ACCEPT_ENCODING, "gzip");
        validators.flatMap(Validators::etag).ifPresent(etag -> headers.set(HttpHeaders.IF_NONE_MATCH, etag));
        validators
                .flatMap(Validators::lastModified)
                .ifPresent(date -> headers.set(HttpHeaders.IF_MODIFIED_SINCE, date));
        return headers;
    }

    private Future<PageFetch> judge(Exchange.Answer answer) {
        return switch (answer.status()) {
            case 200 -> take(answer);
            case 304 -> dismiss(answer, notModified(answer));
            case 404, 410 -> {
                answer.peer().worked();
                yield dismiss(answer, Future.succeededFuture(new PageFetch.Absent(upstream.name())));
            }
            default -> dismiss(answer, Future.failedFuture(answer.complaint(outbound.now())));
        };
    }

    private static Future<PageFetch> dismiss(Exchange.Answer answer, Future<PageFetch> outcome) {
        answer.dismiss();
        return outcome;
    }

    private Future<PageFetch> notModified(Exchange.Answer answer) {
        if (validators.isEmpty()) {
            return Future.failedFuture(
                    UpstreamFailure.lasting("GET " + answer.location() + ": status 304 to an unconditional request"));
        }
        answer.peer().worked();
        Validators given = answer.validators();
        return Future.succeededFuture(new PageFetch.NotModified(
                given.isEmpty() ? validators.get() : given,
                lifetime(answer),
                serial(answer),
                upstream.name(),
                staleness(answer)));
    }

    private Future<PageFetch> take(Exchange.Answer answer) {
        String coding = answer.header(HttpHeaders.CONTENT_ENCODING).toLowerCase(Locale.ROOT);
        boolean gzip = coding.equals("gzip") || coding.equals("x-gzip");
        if (!gzip && !coding.isEmpty() && !coding.equals("identity")) {
            answer.dismiss();
            return refuse(answer, "has an unknown content coding '" + coding + "'");
        }
        return gather(answer.response())
                .compose(body -> gzip ? decompressed(body) : Future.succeededFuture(body))
                .recover(cause -> about(answer, UpstreamFailure.of(cause)))
                .compose(body -> fetched(answer, body));
    }

    private static Future<byte[]> about(Exchange.Answer answer, UpstreamFailure failure) {
        String reason = "GET " + answer.location() + ": " + failure.reason();
        if (!failure.isWorthRetrying()) {
            return Future.failedFuture(UpstreamFailure.lasting(reason));
        }
        answer.peer().failed();
        return Future.failedFuture(UpstreamFailure.passing(reason));
    }

    /** An answer that makes no sense: another address may know better. */
    private static Future<PageFetch> refuse(Exchange.Answer answer, String what) {
        answer.peer().failed();
        return Future.failedFuture(UpstreamFailure.nonsense("GET " + answer.location() + ": the answer " + what));
    }

    private Future<PageFetch> fetched(Exchange.Answer answer, byte[] body) {
        Optional<PageForm> form = subject.form(answer.header(HttpHeaders.CONTENT_TYPE), body);
        if (form.isEmpty()) {
            return refuse(
                    answer,
                    "is no " + subject.noun() + ": its content type is '" + answer.header(HttpHeaders.CONTENT_TYPE)
                            + "'");
        }
        answer.peer().worked();
        return Future.succeededFuture(new PageFetch.Fetched(
                body,
                form.get(),
                answer.location(),
                answer.validators(),
                lifetime(answer),
                serial(answer),
                upstream.name(),
                staleness(answer)));
    }

    private Future<byte[]> gather(HttpClientResponse response) {
        String written = response.getHeader(HttpHeaders.CONTENT_LENGTH);
        String length = written != null && written.matches("[0-9]{1,18}") ? written : null;
        var tooLarge = UpstreamFailure.lasting("the page has more than " + largest + " bytes");
        if (length != null && Long.parseLong(length) > largest) {
            response.request().reset();
            return Future.failedFuture(tooLarge);
        }
        Promise<byte[]> whole = Promise.promise();
        var bytes = length == null ? new BoundedBytes(largest) : new BoundedBytes(largest, Integer.parseInt(length));
        var granted = new AtomicLong(Room.USUAL_BYTES);
        var body =
                new ResponseBody(outbound.vertx(), response, outbound.limits().idleTimeout());
        body.exceptionHandler(whole::tryFail);
        body.endHandler(end -> whole.tryComplete(bytes.take()));
        body.handler(part -> {
            if (!bytes.append(part)) {
                if (whole.tryFail(tooLarge)) {
                    body.cancel();
                }
            } else if (bytes.size() > granted.get()) {
                body.pause();
                long more = granted.updateAndGet(before -> Math.min(largest, 2 * before));
                enlarged(more).onSuccess(enough -> body.resume());
            }
        });
        granted.set(Math.max(granted.get(), length == null ? 0 : Long.parseLong(length)));
        enlarged(granted.get()).onSuccess(enough -> body.resume());
        return whole.future();
    }

    /** What it says of its size, it may take; where that was a lie, it is begun anew with room for as much as any may have. */
    private Future<byte[]> decompressed(byte[] compressed) {
        long expected = Math.min(largest, BoundedBytes.expectedSize(compressed));
        long limit = Math.min(largest, Math.max(Room.USUAL_BYTES, expected));
        return enlarged(compressed.length + expected)
                .compose(granted -> gunzip(compressed, limit))
                .compose(body -> body.isPresent() || limit == largest
                        ? Future.succeededFuture(body)
                        : enlarged(compressed.length + largest).compose(granted -> gunzip(compressed, largest)))
                .compose(body -> body.map(Future::succeededFuture)
                        .orElseGet(() -> Future.failedFuture(UpstreamFailure.lasting(
                                "the page has more than " + largest + " bytes when decompressed"))));
    }

    private Future<Optional<byte[]>> gunzip(byte[] compressed, long limit) {
        return outbound.worker()
                .executeBlocking(() -> BoundedBytes.gunzip(compressed, limit), false)
                .map(Objects::requireNonNull);
    }

    private Future<Void> enlarged(long bytes) {
        if (bytes <= Room.USUAL_BYTES) {
            return Future.succeededFuture();
        }
        crowded = true;
        Promise<Void> promise = ((ContextInternal) outbound.vertx().getOrCreateContext()).promise();
        room.want(bytes, promise::complete);
        promise.future().onSuccess(granted -> crowded = false);
        return promise.future();
    }

    private static Optional<Duration> lifetime(Exchange.Answer answer) {
        return CacheControl.lifetime(answer.header(HttpHeaders.CACHE_CONTROL), answer.header(HttpHeaders.AGE));
    }

    /** What another mirror of this kind says of a stale page. Its age is in whole seconds, and the one begun counts. */
    private static Duration staleness(Exchange.Answer answer) {
        String age = answer.header("X-Flotilla-Age");
        return answer.header("X-Cache").equals("stale") && age.matches("[0-9]{1,9}")
                ? Duration.ofSeconds(Long.parseLong(age) + 1)
                : Duration.ZERO;
    }

    private static OptionalLong serial(Exchange.Answer answer) {
        String serial = answer.header("X-PyPI-Last-Serial");
        return serial.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(serial)) : OptionalLong.empty();
    }
}
