package dev.flotilla.mirror.http;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;

/** What clients ask for, of which the targets that come again and again are taken apart once. For any thread. */
final class KnownRoutes {
    private static final int MOST = 2_048;

    /** In characters; longer than every path of a file that PyPI has. */
    private static final int LONGEST = 512;

    private final LoadingCache<String, Route> routes =
            Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build(Routes::client);

    /** The same as {@link Routes#client}. */
    Route client(String rawTarget) {
        return rawTarget.length() > LONGEST ? Routes.client(rawTarget) : routes.get(rawTarget);
    }
}
