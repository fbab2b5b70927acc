package dev.flotilla.controller.client;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A resolver with a cache, as clients have one before them: it keeps an answer exactly as long as it may be kept (RFC 1035, section 3.2.1, TTL), and
 * nothing that wasn't one. Thread-safe.
 */
public final class CachingNames implements Names {
    /** More names than a fleet has regions, several times over. */
    private static final int MOST_NAMES = 1_000;

    private final Names origin;
    private final LongSupplier nanoTime;
    private final Map<String, Kept> kept = new HashMap<>();

    private record Kept(Answer.Addresses answer, long untilNanos) {}

    public CachingNames(Names origin, LongSupplier nanoTime) {
        this.origin = origin;
        this.nanoTime = nanoTime;
    }

    @Override
    public Answer resolve(String host) {
        synchronized (this) {
            Kept known = kept.get(host);
            if (known != null && known.untilNanos() - nanoTime.getAsLong() > 0) {
                return known.answer();
            }
        }
        // The question's own time is none of the answer's: it counts from when it was asked for.
        long asked = nanoTime.getAsLong();
        Answer answer = origin.resolve(host);
        if (answer instanceof Answer.Addresses addresses) {
            synchronized (this) {
                if (kept.size() >= MOST_NAMES) {
                    kept.clear();
                }
                kept.put(host, new Kept(addresses, asked + addresses.left().toNanos()));
            }
        }
        return answer;
    }
}
