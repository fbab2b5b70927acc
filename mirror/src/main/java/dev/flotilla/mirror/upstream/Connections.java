package dev.flotilla.mirror.upstream;

import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.VertxConnection;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;

/**
 * Opens connections, to allowed addresses only, and bounds their number. A first attempt may use a connection that is kept
 * alive, a further one never does: it may be the connection that was at fault.
 */
final class Connections {
    /** Of up to 64 KiB each; Netty's own bound of 16 has an event loop copy a whole MiB, for a millisecond, in one turn. */
    private static final int READS_PER_TURN = 2;

    private final HttpClientAgent kept;
    private final HttpClientAgent fresh;
    private final HostResolver resolver;
    private final UpstreamLimits limits;
    private final AddressHealth health;

    Connections(Vertx vertx, UpstreamLimits limits, HostResolver resolver, AddressHealth health) {
        this.resolver = resolver;
        this.health = health;
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
                .withConnectHandler(connection -> {
                    // Whoever uses a connection hears that it broke; one that is idle only leaves the pool.
                    connection.exceptionHandler(broken -> {});
                    WholeAnswers.on(connection);
                    takeTurns((VertxConnection) connection);
                })
                .build();
    }

    /** Many bytes that are here at once are taken in several turns of the event loop: others wait for theirs meanwhile. */
    private static void takeTurns(VertxConnection connection) {
        RecvByteBufAllocator reads =
                connection.channelHandlerContext().channel().config().getRecvByteBufAllocator();
        if (reads instanceof MaxMessagesRecvByteBufAllocator bounded) {
            bounded.maxMessagesPerRead(READS_PER_TURN);
        }
    }

    /**
     * A request that isn't sent yet.
     *
     * @param peer whom it goes to, for reports of how it went
     */
    record Call(HttpClientRequest request, AddressHealth.Peer peer) {}

    /** A request to {@code location}; an address that can't be connected to is reported here. */
    Future<Call> request(URI location, int attempt, Cancellation cancellation) {
        HostAndPort at = HostAndPort.of(location);
        return resolver.resolve(at.host())
                .compose(addresses -> {
                    var peer = health.choose(at, usable(at, addresses));
                    return open(location, peer.address(), attempt)
                            .onFailure(cause -> {
                                // Too many requests of our own are no fault of the address.
                                if (!(cause instanceof ConnectionPoolTooBusyException)) {
                                    peer.failed();
                                }
                            })
                            .map(request -> new Call(request, peer));
                })
                .onSuccess(call -> cancellation.onCancel(call.request()::reset));
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

    private static List<InetAddress> usable(HostAndPort at, List<InetAddress> addresses) {
        List<InetAddress> usable = addresses.stream()
                .filter(address -> UpstreamIndex.mayBePrivate(at.host()) || AddressRule.isPublic(address))
                .toList();
        if (usable.isEmpty()) {
            throw new IllegalStateException(at.host() + " has no public address: " + addresses);
        }
        return usable;
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
