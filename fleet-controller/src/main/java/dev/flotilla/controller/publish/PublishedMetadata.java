package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketMetadata;
import dev.flotilla.agent.trust.MetadataSource;
import dev.flotilla.agent.trust.MetadataStore;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.trust.UpdateTime;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.controller.fleet.FleetConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Reads a bucket's metadata as a node does that begins with a given root. For one reading and one thread. */
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
    private final MetadataStore store = MetadataStore.inMemory();

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

    /** Looks up a target of a delegated role, below metadata that {@link #ofAnyAge} brought. */
    Updater.Finding find(TrustedMetadata metadata, TargetPath path) throws IOException {
        return updater(OF_ANY_AGE).find(metadata, path.value(), UpdateTime.of(Instant.EPOCH));
    }

    /** The metadata of a delegated role as {@link #find} came by them and judged them. */
    TargetsMetadata delegated(String role) throws IOException {
        byte[] document = store.read(role).orElseThrow();
        return TargetsMetadata.parse(
                SignedDocument.parse(document, TrustLimits.USUAL.targets()).signed());
    }

    private Refreshed read(byte[] root, TrustLimits limits, Instant now) throws IOException {
        var updater = updater(limits);
        Optional<Refreshed.Refused> unusable = updater.begin(root);
        return unusable.isPresent() ? unusable.get() : updater.refresh(Optional.empty(), UpdateTime.of(now));
    }

    private Updater updater(TrustLimits limits) {
        return Updater.ofFleet(fleet.name(), fleet.bucket().name(), source, store, limits);
    }
}
