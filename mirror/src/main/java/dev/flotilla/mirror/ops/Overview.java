package dev.flotilla.mirror.ops;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/** What this mirror is and does, for people. For any thread. */
public final class Overview {
    private final Identity identity;
    private final InstantSource clock;
    private final Readiness readiness;
    private final Traffic traffic;
    private final Supplier<Cached> cached;
    private final Instant started;

    public Overview(
            Identity identity, InstantSource clock, Readiness readiness, Traffic traffic, Supplier<Cached> cached) {
        this.identity = identity;
        this.clock = clock;
        this.readiness = readiness;
        this.traffic = traffic;
        this.cached = cached;
        started = clock.instant();
    }

    /** Who this mirror is. */
    public record Identity(RegionName region, NodeName node, String version, List<String> upstreams) {
        public Identity {
            upstreams = List.copyOf(upstreams);
        }
    }

    /**
     * What it keeps on disk.
     *
     * @param trouble why nothing is kept at the moment, if so
     */
    public record Cached(long pages, long files, ByteSize held, ByteSize budget, Optional<String> trouble) {}

    /**
     * All of it at one moment.
     *
     * @param hitRatio which part of what was asked for was here, 0 to 1; absent while nothing was asked for
     */
    public record Snapshot(
            Identity identity,
            Readiness.State state,
            Instant time,
            Duration uptime,
            Cached cached,
            long requests,
            OptionalDouble hitRatio,
            List<RequestRecord> latest) {}

    /** What was given out last of what is here. */
    public Served served() {
        return Served.of(traffic.log().latest());
    }

    public Snapshot now() {
        Instant now = clock.instant();
        long here = traffic.fromCache();
        long all = here + traffic.fromUpstream();
        return new Snapshot(
                identity,
                readiness.state(),
                now,
                Duration.between(started, now),
                cached.get(),
                traffic.requests(),
                all == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) here / all),
                traffic.log().latest());
    }
}
