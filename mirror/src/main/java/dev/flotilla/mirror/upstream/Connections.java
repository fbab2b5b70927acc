package dev.flotilla.mirror.upstream;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;

/**
 * Opens connections, to allowed addresses only, and bounds their number. A first attempt may use a connection that is kept
 * alive, a further one never does: it may be the connection that was at fault.
 */
final class Connections {
    private final HttpClientAgent kept;
    private final HttpClientAgent fresh;
    private final HostResolver resolver;
    private final UpstreamLimits limits;

    Connections(Vertx vertx, UpstreamLimits limits, HostResolver resolver) {
        this.resolver = resolver;
        this.limits = limits;
        this.kept = client(vertx, limits, true);
        this.fresh = client(vertx, limits, false);
    }

    private static HttpClientAgent client(Vertx vertx, UpstreamLimits limits, boolean keepAlive) {
        var options = new HttpClientOptions()
                .setKeepAlive(keepAlive)
                .setKeepAliveTimeout(30)
                .setConnectTimeout(Math.toIntExact(limits.connectTimeout().toMillis()))
                .setSslHandshakeTimeout(Math.max(1, limits.connectTimeout().toSeconds()))
                .setMaxHeaderSize(32 * 1024)
                .setDecompressionSupported(false);
        var pool = new PoolOptions()
                .setHttp1MaxSize(limits.connectionsPerHost())
                .setMaxWaitQueueSize(limits.waitingRequests());
        return vertx.httpClientBuilder()
                .with(options)
                .with(pool)
                // Whoever uses a connection hears that it broke; one that is idle only leaves the pool.
                .withConnectHandler(connection -> connection.exceptionHandler(broken -> {}))
                .build();
    }

    /** A request to {@code location} that isn't sent yet. */
    Future<HttpClientRequest> request(URI location, int attempt, Cancellation cancellation) {
        HostAndPort at = HostAndPort.of(location);
        return resolver.resolve(at.host())
                .compose(addresses -> open(location, address(at, addresses, attempt), attempt))
                .map(request -> {
                    cancellation.onCancel(request::reset);
                    return request;
                });
    }

    private Future<HttpClientRequest> open(URI location, InetAddress address, int attempt) {
        HostAndPort at = HostAndPort.of(location);
        HttpClient client = attempt == 0 ? kept : fresh;
        return client.request(new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setServer(SocketAddress.inetSocketAddress(at.port(), address.getHostAddress()))
                .setHost(at.host())
                .setPort(at.port())
                .setSsl(Locations.isEncrypted(location))
                .setURI(target(location))
                .setFollowRedirects(false)
                .setConnectTimeout(limits.connectTimeout().toMillis())
                .setIdleTimeout(limits.idleTimeout().toMillis()));
    }

    private static InetAddress address(HostAndPort at, List<InetAddress> addresses, int attempt) {
        List<InetAddress> usable = addresses.stream()
                .filter(address -> UpstreamIndex.mayBePrivate(at.host()) || AddressRule.isPublic(address))
                .toList();
        if (usable.isEmpty()) {
            throw new IllegalStateException(at.host() + " has no public address: " + addresses);
        }
        return usable.get(attempt % usable.size());
    }

    private static String target(URI location) {
        String path = location.getRawPath();
        String query = location.getRawQuery();
        return (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
    }

    Future<Void> close() {
        return Future.join(kept.close(), fresh.close()).mapEmpty();
    }
}
