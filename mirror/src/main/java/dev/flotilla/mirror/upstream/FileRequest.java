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

    FileRequest(Outbound outbound, Trust trust) {
        this.outbound = outbound;
        this.trust = trust;
    }

    Future<FileFetch> open(
            UpstreamIndex upstream, URI location, int attempt, Optional<FileSource.Resumption> resumption) {
        // To go on where something came is no repetition.
        if (attempt == 0 || resumption.isPresent()) {
            trust.first();
        } else if (!trust.again()) {
            return Future.succeededFuture(new FileFetch.Failed(
                    "upstream " + upstream.name() + ": too many requests failed to try them all again", false));
        }
        var exchange = new Exchange(
                outbound.connections(),
                upstream,
                headers(resumption),
                attempt,
                outbound.limits().redirects(),
                new Cancellation());
        return exchange.get(location)
                .compose(answer -> judge(answer, resumption))
                .recover(cause -> {
                    UpstreamFailure failure = UpstreamFailure.of(cause);
                    return Future.succeededFuture(new FileFetch.Failed(
                            "upstream " + upstream.name() + ": " + failure.reason(), failure.isWorthRetrying()));
                });
    }

    /** Compressing a file on the way would only cost: its bytes are wanted as they are. */
    private MultiMap headers(Optional<FileSource.Resumption> resumption) {
        var headers = HttpHeaders.headers()
                .addAll(outbound.identity())
                .set(HttpHeaders.ACCEPT, "*/*")
                .set(HttpHeaders.ACCEPT_ENCODING, "identity");
        resumption.ifPresent(part -> {
            headers.set("Range", "bytes=" + part.from() + "-");
            part.etag().ifPresent(etag -> headers.set("If-Range", etag));
        });
        return headers;
    }

    private Future<FileFetch> judge(Exchange.Answer answer, Optional<FileSource.Resumption> resumption) {
        String status = "GET " + answer.location() + ": status " + answer.status();
        return switch (answer.status()) {
            case 200 -> opened(answer, 0, length(answer));
            case 206 -> part(answer, resumption);
            case 404, 410 -> {
                answer.peer().worked();
                yield dismiss(answer, Future.succeededFuture(new FileFetch.Absent()));
            }
            case 416 -> notResumed(answer, status, resumption, unsatisfied(answer));
            case 401, 403, 407, 451 -> dismiss(answer, Future.failedFuture(UpstreamFailure.lasting(status)));
            default -> {
                answer.peer().failed();
                yield dismiss(answer, Future.failedFuture(UpstreamFailure.passing(status)));
            }
        };
    }

    private static Future<FileFetch> dismiss(Exchange.Answer answer, Future<FileFetch> outcome) {
        answer.dismiss();
        return outcome;
    }

    private Future<FileFetch> part(Exchange.Answer answer, Optional<FileSource.Resumption> resumption) {
        Matcher range = CONTENT_RANGE.matcher(answer.header(HttpHeaders.CONTENT_RANGE));
        boolean right = range.matches()
                && resumption.isPresent()
                && Long.parseLong(range.group(1)) == resumption.get().from();
        if (!right) {
            String reason = "GET " + answer.location() + ": status 206 with another range than was asked for: '"
                    + answer.header(HttpHeaders.CONTENT_RANGE) + "'";
            return notResumed(answer, reason, resumption, OptionalLong.empty());
        }
        String total = range.group(3);
        OptionalLong size = total.equals("*") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(total));
        return opened(answer, Long.parseLong(range.group(1)), size);
    }

    private Future<FileFetch> opened(Exchange.Answer answer, long from, OptionalLong size) {
        var body = new ResponseBody(
                outbound.vertx(), answer.response(), outbound.limits().idleTimeout(), answer.peer());
        return Future.succeededFuture(new FileFetch.Opened(
                body, from, size, answer.validators(), answer.location(), body::cancel, answer.peer()::lied));
    }

    /** An address that knows the length did its work: it may have been asked for what is behind the end. */
    private static Future<FileFetch> notResumed(
            Exchange.Answer answer, String reason, Optional<FileSource.Resumption> resumption, OptionalLong size) {
        if (size.isPresent()) {
            answer.peer().worked();
        } else {
            answer.peer().failed();
        }
        return dismiss(
                answer,
                resumption.isPresent()
                        ? Future.succeededFuture(new FileFetch.NotResumed(reason, size))
                        : Future.failedFuture(UpstreamFailure.passing(reason)));
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
