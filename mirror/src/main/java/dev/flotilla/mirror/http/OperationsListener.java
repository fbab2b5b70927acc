package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.ListenAddress;
import dev.flotilla.mirror.ops.ExplanationReport;
import dev.flotilla.mirror.ops.Overview;
import dev.flotilla.mirror.ops.Readiness;
import dev.flotilla.mirror.ops.Served;
import dev.flotilla.mirror.pages.PageCache;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/** Answers operators, health checks and scrapers. */
final class OperationsListener {
    static final String JSON = "application/json";
    private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

    private final Exchange.Desk desk;
    private final ProbeResponses probes;
    private final PageCache pages;
    private final Overview overview;
    private final ListenAddress clients;
    private final PrometheusMeterRegistry meters;
    private final PurgeResponses purges;
    private final SdistResponses sdists;

    /** @param clients where clients come, with the real port */
    OperationsListener(
            Exchange.Desk desk,
            PageCache pages,
            Readiness readiness,
            Overview overview,
            ListenAddress clients,
            String node,
            PrometheusMeterRegistry meters,
            PurgeResponses purges,
            SdistResponses sdists) {
        this.desk = desk;
        this.probes = new ProbeResponses(readiness, node);
        this.pages = pages;
        this.overview = overview;
        this.clients = clients;
        this.meters = meters;
        this.purges = purges;
        this.sdists = sdists;
    }

    void handle(HttpServerRequest request) {
        var route = Routes.operations(request.uri());
        var exchange = new Exchange(desk, request, route.label());
        Optional<Failure> refusal =
                route instanceof Route.Purge ? PurgeResponses.refusal(request) : ClientListener.refusal(request);
        if (refusal.isPresent()) {
            exchange.fail(refusal.get());
            return;
        }
        try {
            switch (route) {
                case Route.Live ignored -> probes.live(exchange);
                case Route.Ready ignored -> probes.ready(exchange);
                case Route.Metrics ignored -> metrics(exchange);
                case Route.Served ignored -> served(exchange);
                case Route.Sdists ignored -> sdists.answer(exchange);
                case Route.Explain explain -> explain(exchange, explain);
                case Route.Purge purge -> purges.answer(exchange, purge.query());
                case Route.Malformed malformed -> exchange.fail(FailureMapping.of(malformed));
                case Route.Unknown unknown -> exchange.fail(FailureMapping.of(unknown));
                case Route.Project ignored -> throw new IllegalStateException("no route of operators");
                case Route.RootList ignored -> throw new IllegalStateException("no route of operators");
                case Route.Provenance ignored -> throw new IllegalStateException("no route of operators");
                case Route.OldFile ignored -> throw new IllegalStateException("no route of operators");
                case Route.File ignored -> throw new IllegalStateException("no route of operators");
                case Route.Elsewhere ignored -> throw new IllegalStateException("no route of operators");
                case Route.Configuration ignored -> throw new IllegalStateException("no route of operators");
                case Route.Description ignored -> throw new IllegalStateException("no route of operators");
                case Route.PlatformPage ignored -> throw new IllegalStateException("no route of operators");
                case Route.People ignored -> throw new IllegalStateException("no route of operators");
            }
        } catch (RuntimeException fault) {
            ClientListener.fault(exchange, fault);
        }
    }

    /** For people, unless JSON is what is asked for. */
    private void explain(Exchange exchange, Route.Explain asked) {
        boolean json = Fields.joined(exchange.request(), HttpHeaders.ACCEPT)
                .filter(accept -> accept.contains(JSON))
                .isPresent();
        exchange.put(HttpHeaders.VARY, HttpHeaders.ACCEPT);
        exchange.answer(pages.explain(asked.name(), asked.view(), asked.version()), explanation -> {
            if (exchange.isOver()) {
                return;
            }
            if (json) {
                exchange.put(HttpHeaders.CONTENT_TYPE, JSON).put(HttpHeaders.CACHE_CONTROL, Fields.NO_STORE);
                exchange.end(200, Buffer.buffer(ExplanationReport.json(explanation)));
            } else {
                exchange.text(200, ExplanationReport.text(explanation));
            }
        });
    }

    /** Where clients come, and what they were given there last that needed no upstream. */
    private void served(Exchange exchange) {
        Served served = overview.served();
        var answer = new JsonObject().put("listener", clients.fromThisMachine().toString());
        served.page().ifPresent(page -> answer.put("page", page));
        served.file().ifPresent(file -> answer.put("file", file));
        exchange.put(HttpHeaders.CONTENT_TYPE, JSON).put(HttpHeaders.CACHE_CONTROL, Fields.NO_STORE);
        exchange.end(200, answer.toBuffer());
    }

    private void metrics(Exchange exchange) {
        exchange.put(HttpHeaders.CONTENT_TYPE, EXPOSITION).put(HttpHeaders.CACHE_CONTROL, Fields.NO_STORE);
        exchange.end(200, Buffer.buffer(meters.scrape()));
    }
}
