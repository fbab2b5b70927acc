package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.TrustFolder.Root;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What something is published on: the fleet's roots, the keys at hand, and a bucket whose state is known. */
record Ground(
        FleetConfiguration fleet,
        Bucket bucket,
        Chain chain,
        ReleaseSigner signer,
        Before before,
        Instant now,
        AuditLog audit,
        Fence fence,
        Consumer<String> progress) {
    /**
     * The fleet's roots.
     *
     * @param inBucket how many of them the bucket has
     */
    record Chain(List<Root> roots, int inBucket, BucketOwnership ownership) {
        /** The newest that the bucket has. */
        Root present() {
            return roots.get(inBucket - 1);
        }

        /** Those that it gets. */
        List<Root> coming() {
            return roots.subList(inBucket, roots.size());
        }
    }

    /**
     * What the bucket leads to so far.
     *
     * @param metadata absent where there are none, or where they are a thief's
     * @param intended absent where nothing was ever intended, or where it can't be trusted
     * @param wheels what the role for wheels says; absent where it has never said anything, or where it can't be trusted
     */
    record Before(
            Optional<TrustedMetadata> metadata,
            Optional<ETag> timestamp,
            Optional<Intended> intended,
            Optional<TargetsMetadata> wheels) {
        /** The files that a delegated role names; none where it says nothing, or nothing that can be trusted. */
        SortedMap<String, TargetFile> said(String role) {
            Optional<TargetsMetadata> said = role.equals(Delegation.WHEELS) ? wheels : intended.map(Intended::metadata);
            return said.map(TargetsMetadata::targets).orElseGet(TreeMap::new);
        }
    }

    /** What is wanted of all nodes, and the metadata that say so. */
    record Intended(TargetsMetadata metadata, Intents intents) {}
}
