package dev.flotilla.mirror.upstream;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The network from which a request comes: the first bits of its client's address. Like a {@link Trail} it belongs to the context of the
 * request, so that whatever begins for it can be put down to it.
 *
 * @param high the first 64 bits of the address; an IPv4 address stands in the lowest 32
 * @param low the last 64 bits of an IPv6 address
 * @param version 4 or 6
 */
public record ClientNetwork(long high, long low, int version) {
    private static final int MAPPED_PREFIX = 12;

    /** The network of {@code address}; an IPv4 address that is written as one of IPv6 (RFC 4291, section 2.5.5.2) counts as what it is. */
    public static ClientNetwork of(InetAddress address, MissLimits limits) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return new ClientNetwork(bits(bytes, 0, 4) & (-1L << (32 - limits.prefix4())), 0, 4);
        }
        if (isMapped(bytes)) {
            return new ClientNetwork(bits(bytes, MAPPED_PREFIX, 4) & (-1L << (32 - limits.prefix4())), 0, 4);
        }
        int ofHigh = Math.min(64, limits.prefix6());
        int ofLow = limits.prefix6() - ofHigh;
        return new ClientNetwork(
                bits(bytes, 0, 8) & (-1L << (64 - ofHigh)),
                ofLow == 0 ? 0 : bits(bytes, 8, 8) & (-1L << (64 - ofLow)),
                6);
    }

    private static boolean isMapped(byte[] bytes) {
        return bits(bytes, 0, 8) == 0 && bits(bytes, 8, 4) == 0xffffL;
    }

    private static long bits(byte[] bytes, int from, int count) {
        long bits = 0;
        for (int i = from; i < from + count; i++) {
            bits = (bits << 8) | (bytes[i] & 0xff);
        }
        return bits;
    }

    /** That of the request for which the caller works; empty where nobody counts, or no client asked. */
    public static Optional<ClientNetwork> current() {
        Context context = Vertx.currentContext();
        return context == null ? Optional.empty() : of(context);
    }

    /** That of {@code context}. */
    public static Optional<ClientNetwork> of(Context context) {
        var locals = ContextInternal.LOCAL_MAP.get(context);
        return locals != null && locals.get(ClientNetwork.class) instanceof ClientNetwork network
                ? Optional.of(network)
                : Optional.empty();
    }

    /** Has {@code context} work for a request of this network. */
    public void in(Context context) {
        ContextInternal.LOCAL_MAP.get(context, ConcurrentHashMap::new).put(ClientNetwork.class, this);
    }
}
