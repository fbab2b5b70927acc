package dev.flotilla.mirror.http;

import dev.flotilla.mirror.files.FileService;
import dev.flotilla.mirror.ops.Html;
import dev.flotilla.mirror.ops.HumanPage;
import dev.flotilla.mirror.ops.Overview;
import dev.flotilla.mirror.ops.Readiness;
import dev.flotilla.mirror.pages.NamedFiles;
import dev.flotilla.mirror.pages.PageCache;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.upstream.ClientNetwork;
import dev.flotilla.mirror.upstream.MissLimits;
import dev.flotilla.mirror.upstream.Trail;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers clients: pip, uv and people. One instance serves all event loops; it holds nothing of a request. */
final class ClientListener {
    private static final Logger LOG = LoggerFactory.getLogger(ClientListener.class);

    private final KnownRoutes routes = new KnownRoutes();
    private final Exchange.Desk desk;
    private final PageResponses pages;
    private final FileResponses files;
    private final OldPathResponses oldFiles;
    private final ProvenanceResponses provenances;
    private final ProbeResponses probes;
    private final String self;
    private final Overview overview;
    private final ClientFileResponses configurations;
    private final SdistResponses sdists;
    private final PlatformResponses platforms;
    private final MissLimits misses;
    private final FailureMapping failures;

    ClientListener(
            Exchange.Desk desk,
            PageCache pages,
            FileService files,
            Readiness readiness,
            Overview overview,
            ClientFileResponses configurations,
            String node,
            String self,
            FailureMapping failures,
            SdistResponses sdists,
            PlatformResponses platforms,
            MissLimits misses) {
        this.desk = desk;
        this.pages = new PageResponses(pages, failures);
        this.files = new FileResponses(files, failures);
        var named = new NamedFiles(pages);
        this.oldFiles = new OldPathResponses(named, failures);
        this.provenances = new ProvenanceResponses(pages, named, failures);
        this.probes = new ProbeResponses(readiness, node);
        this.self = self;
        this.overview = overview;
        this.configurations = configurations;
        this.sdists = sdists;
        this.platforms = platforms;
        this.misses = misses;
        this.failures = failures;
    }

    void handle(HttpServerRequest request) {
        // HTTP/2 has a CONNECT without a path, which is refused as any other.
        var route = routes.client(Objects.requireNonNullElse(request.uri(), ""));
        var exchange = new Exchange(desk, request, route.label());
        Optional<Failure> refusal = refusal(request);
        if (refusal.isPresent()) {
            exchange.fail(refusal.get());
            return;
        }
        if (Connections.isSpare(request.connection()) && !(route instanceof Route.Ready)) {
            exchange.fail(failures.tooManyConnections());
            return;
        }
        try {
            if (request.headers().contains(Fields.CDN_LOOP)) {
                Trail.parse(Fields.joined(request, Fields.CDN_LOOP), self).in(context());
            }
            if (misses.countNetworks()) {
                ClientNetwork.of(Connections.client(request.connection()), misses)
                        .in(context());
            }
            answer(exchange, route);
        } catch (RuntimeException fault) {
            fault(exchange, fault);
        }
    }

    private static Context context() {
        return Objects.requireNonNull(Vertx.currentContext(), "requests come on a context");
    }

    /** What no route allows: other methods than reading, and bodies. */
    static Optional<Failure> refusal(HttpServerRequest request) {
        var method = request.method();
        if (method.equals(HttpMethod.CONNECT)) {
            return Optional.of(FailureMapping.of(new Route.Malformed("this is no proxy")));
        }
        if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
            return Optional.of(FailureMapping.methodNotAllowed());
        }
        return bodyRefusal(request);
    }

    /** No request of this mirror has a body. */
    static Optional<Failure> bodyRefusal(HttpServerRequest request) {
        String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
        boolean hasBody =
                (length != null && !length.equals("0")) || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
        return hasBody ? Optional.of(FailureMapping.bodyRefused()) : Optional.empty();
    }

    private void answer(Exchange exchange, Route route) {
        switch (route) {
            case Route.Project project ->
                pages.answer(exchange, new PageKey.Project(project.name()), project.view(), project.format());
            case Route.RootList list -> pages.answer(exchange, new PageKey.RootList(), list.view(), list.format());
            case Route.File file -> {
                sdists.note(exchange, file.path());
                files.in(file.view()).answer(exchange, file.path());
            }
            case Route.OldFile old -> oldFiles.answer(exchange, old.view(), old.path());
            case Route.Provenance provenance -> provenances.answer(exchange, provenance.view(), provenance.path());
            case Route.Elsewhere elsewhere -> {
                exchange.put(HttpHeaders.LOCATION, elsewhere.location());
                exchange.text(302, "It is at " + elsewhere.location() + "\n");
            }
            case Route.Configuration wanted -> configurations.file(exchange, wanted.file(), wanted.query());
            case Route.Description ignored -> configurations.description(exchange);
            case Route.Ready ignored -> probes.ready(exchange);
            case Route.People ignored ->
                people(exchange, HumanPage.of(overview.now(), configurations.pipConfiguration(exchange.request())));
            case Route.PlatformPage page ->
                platforms.answer(
                        exchange,
                        page.platform(),
                        configurations.pipConfiguration(exchange.request()),
                        document -> people(exchange, document));
            case Route.Malformed malformed -> exchange.fail(FailureMapping.of(malformed));
            case Route.Unknown unknown -> exchange.fail(FailureMapping.of(unknown));
            case Route.Live ignored -> throw new IllegalStateException("no route of clients");
            case Route.Explain ignored -> throw new IllegalStateException("no route of clients");
            case Route.Metrics ignored -> throw new IllegalStateException("no route of clients");
            case Route.Served ignored -> throw new IllegalStateException("no route of clients");
            case Route.Sdists ignored -> throw new IllegalStateException("no route of clients");
            case Route.Purge ignored -> throw new IllegalStateException("no route of clients");
        }
    }

    private static void people(Exchange exchange, String document) {
        exchange.put(HttpHeaders.CACHE_CONTROL, Fields.NO_STORE);
        people(exchange, Buffer.buffer(document));
    }

    /** Which one is right depends on the address that it was asked by, and may be another one at any time. */
    private static void people(Exchange exchange, PlatformResponses.Document document) {
        exchange.put(HttpHeaders.ETAG, document.etag())
                .put(HttpHeaders.CACHE_CONTROL, "no-cache")
                .put(HttpHeaders.VARY, HttpHeaders.HOST);
        Optional<String> known = Fields.joined(exchange.request(), HttpHeaders.IF_NONE_MATCH);
        if (known.isPresent() && EntityTags.anyMatches(known.get(), document.etag())) {
            exchange.end(304);
        } else {
            people(exchange, document.body());
        }
    }

    private static void people(Exchange exchange, Buffer document) {
        exchange.put(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
                .put(Fields.CONTENT_SECURITY_POLICY, Html.CONTENT_SECURITY_POLICY)
                .put(Fields.X_CONTENT_TYPE_OPTIONS, Fields.NOSNIFF)
                .put(Fields.REFERRER_POLICY, "no-referrer");
        exchange.end(200, document);
    }

    /** A fault of this program is logged here and nowhere else. */
    static void fault(Exchange exchange, Throwable fault) {
        LOG.error("A request for {} met a fault", exchange.request().uri(), fault);
        if (exchange.response().headWritten()) {
            exchange.cut();
        } else if (!exchange.isOver()) {
            exchange.takeBack().fail(FailureMapping.fault());
        }
    }
}
