package dev.flotilla.mirror.upstream;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.net.URI;
import java.util.Optional;

/**
 * One GET with its redirects, each of them checked before anything is connected to.
 *
 * @param upstream whose hosts alone are asked, and with whose credentials
 * @param headers what every request of it carries
 * @param attempt how many went before it
 * @param cancellation ends it
 */
record Exchange(
        Connections connections,
        UpstreamIndex upstream,
        MultiMap headers,
        int attempt,
        int redirects,
        Cancellation cancellation) {
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
        return get(location, redirects);
    }

    private Future<Answer> get(URI location, int redirectsLeft) {
        if (!upstream.allows(location)) {
            return Future.failedFuture(UpstreamFailure.lasting(
                    "refused to ask " + location + ": its host is none of the configured ones (see file-hosts)"));
        }
        return connections
                .request(location, attempt, cancellation)
                .compose(call -> send(call, location))
                .recover(cause -> {
                    UpstreamFailure failure = UpstreamFailure.of(cause);
                    String reason = "GET " + location + ": " + failure.reason();
                    return Future.failedFuture(failure.isWorthRetrying() ? UpstreamFailure.passing(reason) : failure);
                })
                .compose(answer -> follow(answer, redirectsLeft));
    }

    private Future<Answer> send(Connections.Call call, URI location) {
        call.request().headers().addAll(headers);
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
        return get(target, redirectsLeft - 1);
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
