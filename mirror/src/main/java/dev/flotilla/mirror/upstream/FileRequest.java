package dev.flotilla.mirror.upstream;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks for one file, once. */
final class FileRequest {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

    private static final Pattern UNSATISFIED_RANGE = Pattern.compile("bytes \\*/([0-9]{1,18})");

    private final Outbound outbound;
    private final Trust trust;
    private final UpstreamIndex upstream;
    private final FileSource.Attempt attempt;
    private final Signatures signatures;
    private final Passage passage;
    private final Trail trail = Trail.current();

    FileRequest(
            Outbound outbound, Trust trust, UpstreamIndex upstream, FileSource.Attempt attempt, Signatures signatures) {
        this.outbound = outbound;
        this.trust = trust;
        this.upstream = upstream;
        this.attempt = attempt;
        this.signatures = signatures;
        this.passage = new Passage(trust);
    }

    Future<FileFetch> open(URI location) {
        return exchange(location).recover(cause -> {
            UpstreamFailure failure = UpstreamFailure.of(cause);
            if (attempt.last() || passage.isTrial() || !failure.isWorthRetrying()) {
                passage.ended(failure);
            }
            return Future.succeededFuture(new FileFetch.Failed(
                    "upstream " + upstream.name() + ": " + failure.reason(),
                    failure.isWorthRetrying(),
                    failure.deferral()));
        });
    }

    private Future<FileFetch> exchange(URI location) {
        Optional<Deferral> refusal = passage.enter(HostAndPort.of(location));
        if (refusal.isPresent()) {
            return Future.failedFuture(Exchange.refusal(location, refusal.get()));
        }
        // To go on where something came is no repetition.
        if (attempt.number() == 0 || attempt.resumption().isPresent()) {
            trust.first();
        } else if (!trust.again()) {
            passage.failed(); // The attempt before this one failed, and nothing more is tried.
            return Future.failedFuture(
                    UpstreamFailure.refused("too many requests failed to try them all again", Deferral.busy()));
        }
        return signatures.sign(location).compose(signed -> exchange(location, signed));
    }

    private Future<FileFetch> exchange(URI location, Signatures.Signed signed) {
        var exchange = new Exchange(
                outbound.connections(),
                upstream,
                headers(attempt.resumption()),
                attempt.number(),
                outbound.limits().redirects(),
                new Cancellation(),
                passage,
                signed.fields());
        return exchange.get(location).compose(answer -> judge(answer, signed));
    }

    /** Compressing a file on the way would only cost: its bytes are wanted as they are. */
    private MultiMap headers(Optional<FileSource.Resumption> resumption) {
        var headers =
                outbound.fields(trail).set(HttpHeaders.ACCEPT, "*/*").set(HttpHeaders.ACCEPT_ENCODING, "identity");
        resumption.ifPresent(part -> {
            headers.set("Range", "bytes=" + part.from() + "-");
            part.etag().ifPresent(etag -> headers.set("If-Range", etag));
        });
        return headers;
    }

    private Future<FileFetch> judge(Exchange.Answer answer, Signatures.Signed signed) {
        return switch (answer.status()) {
            case 200 -> opened(answer, 0, length(answer));
            case 206 -> part(answer);
            case 404, 410 -> {
                answer.peer().worked();
                passage.worked();
                yield dismiss(answer, Future.succeededFuture(new FileFetch.Absent()));
            }
            case 416 -> notResumed(answer, "GET " + answer.location() + ": status 416", unsatisfied(answer));
            case 401, 403 -> dismiss(answer, Future.failedFuture(forbidden(answer, signed)));
            default -> dismiss(answer, Future.failedFuture(answer.complaint(outbound.now())));
        };
    }

    private UpstreamFailure forbidden(Exchange.Answer answer, Signatures.Signed signed) {
        UpstreamFailure complaint = answer.complaint(outbound.now());
        return signed.missing() ? complaint.because("the request wasn't signed; the mirror's log says why") : complaint;
    }

    private static Future<FileFetch> dismiss(Exchange.Answer answer, Future<FileFetch> outcome) {
        answer.dismiss();
        return outcome;
    }

    private Future<FileFetch> part(Exchange.Answer answer) {
        Optional<FileSource.Resumption> resumption = attempt.resumption();
        Matcher range = CONTENT_RANGE.matcher(answer.header(HttpHeaders.CONTENT_RANGE));
        boolean right = range.matches()
                && resumption.isPresent()
                && Long.parseLong(range.group(1)) == resumption.get().from();
        if (!right) {
            String reason = "GET " + answer.location() + ": status 206 with another range than was asked for: '"
                    + answer.header(HttpHeaders.CONTENT_RANGE) + "'";
            return notResumed(answer, reason, OptionalLong.empty());
        }
        String total = range.group(3);
        OptionalLong size = total.equals("*") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(total));
        return opened(answer, Long.parseLong(range.group(1)), size);
    }

    private Future<FileFetch> opened(Exchange.Answer answer, long from, OptionalLong size) {
        passage.began();
        var body = new ResponseBody(
                outbound.vertx(), answer.response(), outbound.limits().idleTimeout(), whole -> {
                    if (whole) {
                        answer.peer().worked();
                        passage.worked();
                    } else {
                        answer.peer().failed();
                        if (attempt.last()) {
                            passage.failed();
                        }
                    }
                });
        return Future.succeededFuture(new FileFetch.Opened(
                body, from, size, answer.validators(), answer.location(), body::cancel, answer.peer()::lied));
    }

    /** An address that knows the length did its work: it may have been asked for what is behind the end. */
    private Future<FileFetch> notResumed(Exchange.Answer answer, String reason, OptionalLong size) {
        passage.began();
        if (size.isPresent()) {
            answer.peer().worked();
        } else {
            answer.peer().failed();
        }
        return dismiss(
                answer,
                attempt.resumption().isPresent()
                        ? Future.succeededFuture(new FileFetch.NotResumed(reason, size))
                        : Future.failedFuture(UpstreamFailure.nonsense(reason)));
    }

    /** The length that a refused range is told (RFC 9110, section 14.4). */
    private static OptionalLong unsatisfied(Exchange.Answer answer) {
        Matcher range = UNSATISFIED_RANGE.matcher(answer.header(HttpHeaders.CONTENT_RANGE));
        return range.matches() ? OptionalLong.of(Long.parseLong(range.group(1))) : OptionalLong.empty();
    }

    private static OptionalLong length(Exchange.Answer answer) {
        String length = answer.header(HttpHeaders.CONTENT_LENGTH);
        return length.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(length)) : OptionalLong.empty();
    }
}
