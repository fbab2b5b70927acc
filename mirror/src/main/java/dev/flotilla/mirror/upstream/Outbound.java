package dev.flotilla.mirror.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Instant;
import java.time.InstantSource;

/**
 * What every request needs.
 *
 * @param worker for what takes time
 * @param identity header fields that say who asks
 */
record Outbound(
        Vertx vertx,
        Connections connections,
        UpstreamLimits limits,
        WorkerExecutor worker,
        InstantSource clock,
        MultiMap identity) {
    Instant now() {
        return clock.instant();
    }
}
