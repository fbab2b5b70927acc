package dev.flotilla.mirror.http;

import io.vertx.core.MultiMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Heads of answers that several clients get within the same second, which are written once: Vert.x keeps the bytes of a head that nobody changes any more
 * ({@code vertx.cacheImmutableHttpResponseHeaders}). For any thread.
 */
final class RecentHeads {
    private static final int MOST = 2_048;

    private volatile Second current = new Second(Long.MIN_VALUE, new ConcurrentHashMap<>());

    /** @param heads empty is one of an answer that was given once, and perhaps never again */
    private record Second(long number, ConcurrentMap<Object, Optional<MultiMap>> heads) {}

    /**
     * Has a head say what it should.
     *
     * @param head what has been said already, which is the same for equal keys within a second
     * @param second of its date, since the epoch
     * @param key equal to those of answers that have the same fields
     * @param fields has it say the rest
     */
    void complete(MultiMap head, long second, Object key, Runnable fields) {
        var heads = of(second);
        Optional<MultiMap> known = heads.getOrDefault(key, Optional.empty());
        if (known.isPresent()) {
            head.setAll(known.get());
            return;
        }
        fields.run();
        if (heads.containsKey(key)) {
            heads.put(key, Optional.of(head.copy(false)));
        } else if (heads.size() < MOST) {
            heads.put(key, Optional.empty());
        }
    }

    private ConcurrentMap<Object, Optional<MultiMap>> of(long second) {
        var known = current;
        if (known.number() != second) {
            known = new Second(second, new ConcurrentHashMap<>());
            current = known;
        }
        return known.heads();
    }
}
