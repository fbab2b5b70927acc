package dev.flotilla.mirror.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.time.InstantSource;

/**
 * What every request needs.
 *
 * @param worker for what takes time
 * @param identity header fields that say who asks
 * @param self the pseudonym of this node
 */
record Outbound(
        Vertx vertx,
        Connections connections,
        UpstreamLimits limits,
        WorkerExecutor worker,
        InstantSource clock,
        MultiMap identity,
        String self) {
    /** The fields with which every request of a fetch begins that was begun for {@code trail}. */
    MultiMap fields(Trail trail) {
        return HttpHeaders.headers().addAll(identity).set("CDN-Loop", trail.through(self));
    }

    Instant now() {
        return clock.instant();
    }
}
