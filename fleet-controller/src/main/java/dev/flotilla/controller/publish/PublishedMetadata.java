package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketMetadata;
import dev.flotilla.agent.trust.MetadataSource;
import dev.flotilla.agent.trust.MetadataStore;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.UpdateTime;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.controller.fleet.FleetConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Reads a bucket's metadata as a node does that begins with a given root. */
public final class PublishedMetadata {
    private static final TrustLimits OF_ANY_AGE = new TrustLimits(
            TrustLimits.USUAL.root(),
            TrustLimits.USUAL.timestamp(),
            TrustLimits.USUAL.snapshot(),
            TrustLimits.USUAL.targets(),
            TrustLimits.USUAL.rotations(),
            TrustLimits.USUAL.roles(),
            Duration.ZERO);

    private final FleetConfiguration fleet;
    private final MetadataSource source;

    public PublishedMetadata(FleetConfiguration fleet, Bucket bucket) {
        this(fleet, new BucketMetadata(bucket));
    }

    PublishedMetadata(FleetConfiguration fleet, MetadataSource source) {
        this.fleet = fleet;
        this.source = source;
    }

    /** What a new node would trust at that time. */
    public Refreshed at(byte[] root, Instant now) throws IOException {
        return read(root, TrustLimits.USUAL, now);
    }

    /** What is signed as it should be, whether or not it has expired. */
    Refreshed ofAnyAge(byte[] root) throws IOException {
        return read(root, OF_ANY_AGE, Instant.EPOCH);
    }

    private Refreshed read(byte[] root, TrustLimits limits, Instant now) throws IOException {
        var updater = Updater.ofFleet(fleet.name(), fleet.bucket().name(), source, MetadataStore.inMemory(), limits);
        Optional<Refreshed.Refused> unusable = updater.begin(root);
        return unusable.isPresent() ? unusable.get() : updater.refresh(Optional.empty(), UpdateTime.of(now));
    }
}
