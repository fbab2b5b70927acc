package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.TokenFile;
import dev.flotilla.mirror.ops.PurgeAccount;
import dev.flotilla.mirror.pages.PurgeReport;
import dev.flotilla.mirror.pages.SharedPurges;
import dev.flotilla.mirror.upstream.Secret;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers those who want pages purged and know a token, the operators' or the keeper's (RFC 6750). The token is read for each of them, so that a new
 * one counts as soon as it is in its file. Every purge leaves a line in the log.
 */
final class PurgeResponses {
    private static final Logger LOG = LoggerFactory.getLogger(PurgeResponses.class);
    private static final String SCHEME = "Bearer ";

    private final SharedPurges purges;
    private final List<TokenFile> tokens;
    private final WorkerExecutor workers;
    private final Counter done;
    private final Counter refused;
    private final Counter purgedPages;

    PurgeResponses(SharedPurges purges, List<TokenFile> tokens, WorkerExecutor workers, MeterRegistry meters) {
        this.purges = purges;
        this.tokens = List.copyOf(tokens);
        this.workers = workers;
        done = purges("done", meters);
        refused = purges("refused", meters);
        purgedPages = Counter.builder("flotilla.mirror.purged.pages")
                .description("Pages on disk that were purged")
                .register(meters);
    }

    private static Counter purges(String outcome, MeterRegistry meters) {
        return Counter.builder("flotilla.mirror.purges")
                .description("Purges that were asked for, by what came of them; refused is who didn't know the token")
                .tag("outcome", outcome)
                .register(meters);
    }

    /** What speaks against a request before anybody looks at who sent it. */
    static Optional<Failure> refusal(HttpServerRequest request) {
        return request.method().equals(HttpMethod.POST)
                ? ClientListener.bodyRefusal(request)
                : Optional.of(FailureMapping.onlyPost());
    }

    void answer(Exchange exchange, PurgeQuery query) {
        if (tokens.isEmpty()) {
            exchange.fail(FailureMapping.purgeIsOff());
            return;
        }
        Optional<Secret> given = given(exchange.request());
        if (given.isEmpty()) {
            refuse(exchange);
            return;
        }
        exchange.answer(workers.executeBlocking(this::known, false), known -> {
            if (known.contains(given.get())) {
                admit(exchange, query);
            } else if (known.isEmpty()) {
                exchange.fail(FailureMapping.tokenUnusable());
            } else {
                refuse(exchange);
            }
        });
    }

    private static Optional<Secret> given(HttpServerRequest request) {
        return Fields.joined(request, HttpHeaders.AUTHORIZATION)
                .filter(field -> field.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(field -> new Secret(field.substring(SCHEME.length()).strip()));
    }

    private List<Secret> known() {
        return tokens.stream().flatMap(file -> known(file).stream()).toList();
    }

    private static Optional<Secret> known(TokenFile file) {
        try {
            return Optional.of(file.read());
        } catch (IOException unusable) {
            LOG.warn("A token for purges can't be used: {}", unusable.getMessage());
            return Optional.empty();
        }
    }

    private void refuse(Exchange exchange) {
        refused.increment();
        exchange.put(Fields.WWW_AUTHENTICATE, "Bearer");
        exchange.fail(FailureMapping.tokenWanted());
    }

    private void admit(Exchange exchange, PurgeQuery query) {
        switch (query) {
            case PurgeQuery.Wrong(String reason) -> exchange.fail(FailureMapping.of(new Route.Malformed(reason)));
            case PurgeQuery.Wanted(var scope, boolean hard) -> {
                String remote = exchange.request().remoteAddress().toString();
                exchange.answer(
                        purges.purge(scope, hard),
                        report -> report.ifPresentOrElse(
                                purged -> account(exchange, purged, remote),
                                () -> exchange.fail(FailureMapping.tooManyPurges())));
            }
        }
    }

    private void account(Exchange exchange, PurgeReport purged, String remote) {
        LOG.info("{} purged {}", remote, PurgeAccount.line(purged));
        done.increment();
        purgedPages.increment(purged.onDisk());
        if (exchange.isOver()) {
            return;
        }
        exchange.put(HttpHeaders.CONTENT_TYPE, OperationsListener.JSON).put(HttpHeaders.CACHE_CONTROL, Fields.NO_STORE);
        exchange.end(FailureMapping.statusOf(purged), Buffer.buffer(PurgeAccount.json(purged)));
    }
}
