package dev.flotilla.mirror.http;

import dev.flotilla.mirror.certificates.Certificates;
import dev.flotilla.mirror.configuration.HttpSettings;
import dev.flotilla.mirror.configuration.ListenAddress;
import dev.flotilla.mirror.configuration.TlsSettings;
import dev.flotilla.mirror.handover.ListeningSockets;
import dev.flotilla.mirror.handover.Place;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.KeyCertOptions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * One address at which requests are accepted, on one or more event loops: HTTP/1 without upgrades, and with certificates HTTP/2 where
 * the client wants it (RFC 7301). For any thread.
 */
final class Listener {
    /** What came before is broken (RFC 8996). */
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

    private static final List<HttpVersion> VERSIONS = List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1);

    /** As many as Vert.x bears of streams that are opened and given up at once; what is more is an attack (CVE-2023-44487). */
    private static final int RESETS = 200;

    private static final int RESETS_WINDOW_SECONDS = 30;

    private final ListenAddress address;
    private final List<HttpServer> servers;
    private final Connections connections;

    private Listener(ListenAddress address, List<HttpServer> servers, Connections connections) {
        this.address = address;
        this.servers = servers;
        this.connections = connections;
    }

    /**
     * Opens {@code place}, one after another.
     *
     * @param room for its connections, which others may share
     * @param eventLoops how many of them share the connections
     */
    static Future<Listener> open(
            Vertx vertx,
            ListeningSockets sockets,
            Place place,
            HttpSettings settings,
            ConnectionRoom room,
            int eventLoops,
            Optional<Certificates> certificates,
            Handler<HttpServerRequest> handler) {
        var servers = new CopyOnWriteArrayList<HttpServer>();
        var connections = new Connections(settings, room);
        var address = place.address();
        // A negative port is a free port that all servers with the same number share.
        int port = address.port() == 0 ? -place.purpose().number() : address.port();
        sockets.next(place);
        var options = options(settings);
        certificates.ifPresent(known -> {
            encrypt(options, known.settings(), known.now());
            options.setSslEngineOptions(known.engine().options());
        });
        return vertx.deployVerticle(
                        () -> new VerticleBase() {
                            @Override
                            public Future<?> start() {
                                var server = vertx.createHttpServer(options)
                                        .connectionHandler(connections::accept)
                                        .requestHandler(request -> {
                                            if (Connections.isHeard(request.connection())) {
                                                handler.handle(request);
                                            }
                                        });
                                servers.add(server);
                                return server.listen(port, address.host());
                            }
                        },
                        new DeploymentOptions().setInstances(eventLoops))
                .map(deployed -> new Listener(
                        new ListenAddress(address.host(), servers.getFirst().actualPort()), servers, connections));
    }

    private static HttpServerOptions options(HttpSettings settings) {
        return new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setTcpNoDelay(true)
                // Answers are written on their event loop alone; else each connection has a queue of five kilobytes.
                .setStrictThreadMode(true)
                // Nobody speaks WebSocket here, and each of these looks at every request.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setMaxHeaderSize((int) settings.headLimit().bytes())
                .setMaxInitialLineLength((int) settings.targetLimit().bytes())
                .setCompressionSupported(false)
                .setDecompressionSupported(false);
    }

    private static void encrypt(HttpServerOptions options, TlsSettings tls, KeyCertOptions certificate) {
        options.setSsl(true)
                .setUseAlpn(true)
                .setAlpnVersions(VERSIONS)
                .setEnabledSecureTransportProtocols(PROTOCOLS)
                .setKeyCertOptions(certificate)
                .setSslHandshakeTimeout(tls.handshakeTimeOut().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        options.setHttp2RstFloodMaxRstFramePerWindow(RESETS)
                .setHttp2RstFloodWindowDuration(RESETS_WINDOW_SECONDS)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(tls.streams())
                        .setMaxHeaderListSize(options.getMaxHeaderSize()));
    }

    /** Has new connections see another certificate, on all event loops. */
    Future<Boolean> update(TlsSettings tls, KeyCertOptions certificate) {
        var options = new HttpServerOptions();
        encrypt(options, tls, certificate);
        // All servers of one address are one in Vert.x.
        return servers.getFirst().updateSSLOptions(options.getSslOptions(), true);
    }

    /** Where it listens, with the real port. */
    ListenAddress address() {
        return address;
    }

    int connections() {
        return connections.open();
    }

    /** Has every connection end with the answer to the next request on it. */
    void leave() {
        connections.leave();
    }

    /** Accepts nothing more, lets running answers end for so long, and closes. */
    Future<Void> close(HttpSettings settings) {
        long limit = Math.max(1, settings.shutdownLimit().toMillis());
        return Future.join(servers.stream()
                        .map(server -> server.shutdown(limit, TimeUnit.MILLISECONDS))
                        .toList())
                .mapEmpty();
    }
}
