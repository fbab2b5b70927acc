package dev.flotilla.mirror.upstream;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One GET with its redirects, each of them checked before anything is connected to.
 *
 * @param upstream whose hosts alone are asked, and with whose credentials
 * @param headers what every request of it carries
 * @param attempt how many went before it
 * @param cancellation ends it
 * @param passage asked before each host is
 * @param signature header fields for the first request, and for none that a redirect leads to
 */
record Exchange(
        Connections connections,
        UpstreamIndex upstream,
        MultiMap headers,
        int attempt,
        int redirects,
        Cancellation cancellation,
        Passage passage,
        Map<String, Secret> signature) {
    /** With this a mirror says that it works, and that those whom it asked don't (RFC 9209, section 2.3.2). */
    private static final String ONWARD = "flotilla;";

    /** What is left of the body of an answer that nobody wants: up to this it is read, so that the connection is kept. */
    private static final long DRAINED_BYTES = 64 * 1024;

    /** The final answer, paused, where it is from, and who gave it. Whoever takes it reports how the peer did. */
    record Answer(URI location, HttpClientResponse response, AddressHealth.Peer peer) {
        int status() {
            return response.statusCode();
        }

        String header(CharSequence name) {
            String value = response.getHeader(name);
            return value == null ? "" : value.strip();
        }

        Validators validators() {
            return new Validators(
                    Optional.of(header(HttpHeaders.ETAG)), Optional.of(header(HttpHeaders.LAST_MODIFIED)));
        }

        /** What it says where it isn't what was asked for, and reports that to the peer. */
        UpstreamFailure complaint(Instant now) {
            String reason = "GET " + location + ": status " + status();
            if (header("Proxy-Status").startsWith(ONWARD)) {
                return UpstreamFailure.lasting(reason);
            }
            return switch (status()) {
                // It works; 508 (RFC 5842) says that this very request went in a circle.
                case 501, 505, 508, 511 -> UpstreamFailure.lasting(reason);
                case 429 -> UpstreamFailure.lasting(reason).withPatience(retryAfter(now));
                default -> status() == 408 || status() >= 500 ? trouble(reason, now) : UpstreamFailure.lasting(reason);
            };
        }

        private UpstreamFailure trouble(String reason, Instant now) {
            peer.failed();
            // Where there are other addresses, one of them may have time.
            boolean heard = status() == 503 && peer.isAlone();
            return UpstreamFailure.passing(reason).withPatience(heard ? retryAfter(now) : Optional.empty());
        }

        private Optional<Duration> retryAfter(Instant now) {
            return RetryAfter.parse(header(HttpHeaders.RETRY_AFTER), now);
        }

        /** Lets go of the exchange without reading its body. */
        void dismiss() {
            String length = header(HttpHeaders.CONTENT_LENGTH);
            boolean small = length.matches("[0-9]{1,6}") && Long.parseLong(length) <= DRAINED_BYTES;
            if (small) {
                response.handler(ignored -> {}).resume();
            } else {
                response.request().reset();
            }
        }
    }

    Future<Answer> get(URI location) {
        return get(location, redirects, signature);
    }

    private Future<Answer> get(URI location, int redirectsLeft, Map<String, Secret> signed) {
        if (!upstream.allows(location)) {
            return Future.failedFuture(UpstreamFailure.lasting(
                    "refused to ask " + location + ": its host is none of the configured ones (see file-hosts)"));
        }
        Optional<Deferral> refusal = passage.enter(HostAndPort.of(location));
        if (refusal.isPresent()) {
            return Future.failedFuture(refusal(location, refusal.get()));
        }
        return connections
                .request(location, attempt, cancellation)
                .compose(call -> send(call, location, signed))
                .recover(cause -> Future.failedFuture(UpstreamFailure.of(cause).about("GET " + location)))
                .compose(answer -> follow(answer, redirectsLeft));
    }

    static UpstreamFailure refusal(URI location, Deferral deferral) {
        return UpstreamFailure.refused(
                HostAndPort.of(location) + " failed several times or asked for a pause, so it isn't asked now",
                deferral);
    }

    private Future<Answer> send(Connections.Call call, URI location, Map<String, Secret> signed) {
        call.request().headers().addAll(headers);
        signed.forEach((name, value) -> call.request().putHeader(name, value.reveal()));
        upstream.authorization(location)
                .ifPresent(secret -> call.request().putHeader(HttpHeaders.AUTHORIZATION, secret.reveal()));
        // Whoever takes the body replaces the handler; where nobody does, nobody needs to hear of its end.
        return call.request()
                .send()
                .onFailure(cause -> call.peer().failed())
                .map(response -> new Answer(location, response.pause().exceptionHandler(ignored -> {}), call.peer()));
    }

    private Future<Answer> follow(Answer answer, int redirectsLeft) {
        boolean redirect = switch (answer.status()) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
        if (!redirect) {
            return Future.succeededFuture(answer);
        }
        answer.dismiss();
        answer.peer().worked();
        passage.worked();
        if (redirectsLeft == 0) {
            return Future.failedFuture(
                    UpstreamFailure.lasting("GET " + answer.location() + ": more than " + redirects + " redirects"));
        }
        URI target;
        try {
            target = answer.location().resolve(withoutFragment(answer.header(HttpHeaders.LOCATION)));
        } catch (IllegalArgumentException unreadable) {
            return Future.failedFuture(
                    UpstreamFailure.lasting("GET " + answer.location() + ": a redirect to no valid address"));
        }
        if (Locations.isEncrypted(answer.location()) && !Locations.isEncrypted(target)) {
            return Future.failedFuture(UpstreamFailure.lasting(
                    "GET " + answer.location() + ": refused a redirect from https to " + target));
        }
        return get(target, redirectsLeft - 1, Map.of());
    }

    private static URI withoutFragment(String location) {
        int fragment = location.indexOf('#');
        String text = fragment < 0 ? location : location.substring(0, fragment);
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a redirect to nowhere");
        }
        return URI.create(text);
    }
}
