package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.HttpSettings;
import dev.flotilla.mirror.configuration.ListenAddress;
import dev.flotilla.mirror.handover.ListeningSockets;
import dev.flotilla.mirror.handover.Place;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * One address at which requests are accepted, on one or more event loops. HTTP/1 only, without upgrades: nothing else is
 * spoken here. For any thread.
 */
final class Listener {
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
     * @param eventLoops how many of them share the connections
     */
    static Future<Listener> open(
            Vertx vertx,
            ListeningSockets sockets,
            Place place,
            HttpSettings settings,
            int eventLoops,
            Handler<HttpServerRequest> handler) {
        var servers = new CopyOnWriteArrayList<HttpServer>();
        var connections = new Connections(settings);
        var address = place.address();
        // A negative port is a free port that all servers with the same number share.
        int port = address.port() == 0 ? -place.purpose().number() : address.port();
        sockets.next(place);
        return vertx.deployVerticle(
                        () -> new VerticleBase() {
                            @Override
                            public Future<?> start() {
                                var server = vertx.createHttpServer(options(settings))
                                        .connectionHandler(connections::accept)
                                        .requestHandler(handler);
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
                .setMaxHeaderSize((int) settings.headLimit().bytes())
                .setMaxInitialLineLength((int) settings.targetLimit().bytes())
                .setCompressionSupported(false)
                .setDecompressionSupported(false);
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
