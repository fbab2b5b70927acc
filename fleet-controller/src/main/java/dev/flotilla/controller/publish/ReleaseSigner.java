package dev.flotilla.controller.publish;

import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.KeyId;
import dev.flotilla.agent.trust.KeyRing;
import dev.flotilla.agent.trust.MetaFile;
import dev.flotilla.agent.trust.Metadata;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.PublicKey;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.RootMetadata;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SnapshotMetadata;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TimestampMetadata;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.controller.fleet.TrustSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes the metadata of a release and signs them with the keys at hand. */
final class ReleaseSigner {
    /** An operator on call drains alone, and what he signs can change no program and no configuration. */
    private static final int ONE_KEY = 1;

    private final TrustSettings settings;
    private final TrustFolder folder;
    private final RootMetadata root;
    private final Signers signers;
    private final Instant now;

    ReleaseSigner(TrustSettings settings, TrustFolder folder, RootMetadata root, Signers signers, Instant now) {
        this.settings = settings;
        this.folder = folder;
        this.root = root;
        this.signers = signers;
        this.now = now;
    }

    /** Metadata with their document. */
    record Made<M extends Metadata>(M metadata, SignedDocument document) {
        byte[] bytes() {
            return document.toBytes();
        }

        MetaFile asMetaFile() {
            return MetaFile.of(metadata.version(), bytes());
        }
    }

    /** Why the metadata of a role can't be signed here, where they can't. */
    Optional<String> unable(Role role) {
        KeyRing ring = root.keys(role);
        return signers.meet(ring)
                ? Optional.empty()
                : Optional.of(folder + " has " + signers.of(ring).size() + " of the " + ring.threshold() + " keys that"
                        + " have to sign " + role.metadataName()
                        + " metadata: name the folder where they are with --keys");
    }

    /** The same of a delegated role. */
    Optional<String> unable(Delegation role) {
        KeyRing ring = role.keys();
        if (signers.meet(ring)) {
            return Optional.empty();
        }
        int here = signers.of(ring).size();
        return Optional.of(
                here == 0
                        ? folder + " has none of the keys that may sign " + role.name()
                                + ": name the folder where one is with --keys"
                        : folder + " has " + here + " of the " + ring.threshold() + " keys that have to sign "
                                + role.name() + ": name the folder where the others are with --keys");
    }

    /** The roles that releases leave some paths to: ours with the keys that are here, else all as they were. */
    List<Delegation> delegations(Optional<TrustedMetadata> current) throws IOException {
        List<Delegation> before =
                current.map(metadata -> metadata.targets().delegations()).orElse(List.of());
        Map<String, Delegation> roles = new LinkedHashMap<>();
        before.forEach(role -> roles.put(role.name(), role));
        ring(Delegation.WHEELS, settings.wheelsThreshold())
                .ifPresent(keys -> roles.put(Delegation.WHEELS, Delegation.wheels(keys)));
        ring(Delegation.INTENTS, ONE_KEY).ifPresent(keys -> roles.put(Delegation.INTENTS, Delegation.intents(keys)));
        return List.copyOf(roles.values());
    }

    private Optional<KeyRing> ring(String role, int threshold) throws IOException {
        Map<KeyId, PublicKey> ring = new HashMap<>();
        folder.publicKeys(role).forEach(key -> ring.put(key.id(), key));
        if (ring.isEmpty()) {
            return Optional.empty();
        }
        var keys = new KeyRing(ring, threshold);
        if (!keys.canBeMet()) {
            throw new IllegalArgumentException("the role for " + role + " needs " + threshold + " keys, and has only "
                    + ring.size() + ": make more with flotilla keys generate " + role + "-2 --out " + folder);
        }
        return Optional.of(keys);
    }

    /**
     * Makes a key for intents in a fleet that is older than that role. Only where a release can be signed here and now: a cron
     * job that renews must not wait for a key that is offline.
     */
    boolean makesRoleForIntents(TrustedMetadata current) throws IOException {
        boolean wanted = current.targets().delegation(Delegation.INTENTS).isEmpty()
                && ring(Delegation.INTENTS, ONE_KEY).isEmpty()
                && unable(Role.TARGETS).isEmpty();
        if (wanted) {
            folder.generate(Delegation.INTENTS, new SecureRandom());
        }
        return wanted;
    }

    /** Whether a release that says what it should has to be signed once more: for other keys, or because it ends soon. */
    boolean hasToBeRenewed(TrustedMetadata current, SignedDocument document) {
        return TrustFolder.lacking(document, root.keys(Role.TARGETS), "").isPresent() || endsSoon(current.targets());
    }

    boolean endsSoon(TargetsMetadata targets) {
        Duration life = targets.issued()
                .map(issued -> Duration.between(issued, targets.expires()))
                .orElse(settings.targetsLifetime());
        return !now.isBefore(targets.expires().minus(life.dividedBy(3)));
    }

    Made<TargetsMetadata> targets(long version, SortedMap<String, TargetFile> files, List<Delegation> delegations) {
        var metadata = new TargetsMetadata(
                version, now.plus(settings.targetsLifetime()), Optional.of(now), files, delegations);
        return new Made<>(metadata, SignedDocument.sign(metadata.toSigned(), signers.of(root.keys(Role.TARGETS))));
    }

    /**
     * A staged release that says the same and has all its signatures by now. Its rollout is the one that was planned when it was
     * made, and begins when nodes see it.
     */
    Optional<Made<TargetsMetadata>> staged(long from, SortedMap<String, TargetFile> files, List<Delegation> delegations)
            throws IOException {
        for (Path file : folder.staged()) {
            SignedDocument document;
            TargetsMetadata metadata;
            try {
                document = SignedDocument.parse(Files.readAllBytes(file), TrustLimits.USUAL.targets());
                metadata = TargetsMetadata.parse(document.signed());
            } catch (IllegalArgumentException other) {
                continue;
            }
            if (metadata.version() >= from
                    && metadata.expires().isAfter(now)
                    && Waves.without(metadata.targets()).equals(files)
                    && metadata.delegations().equals(delegations)) {
                return Optional.of(new Made<>(metadata, document.signedAlsoBy(signers.of(root.keys(Role.TARGETS)))));
            }
        }
        return Optional.empty();
    }

    /** Which signatures a release lacks. */
    Optional<String> lacking(Made<TargetsMetadata> targets) {
        return TrustFolder.lacking(targets.document(), root.keys(Role.TARGETS), "the fleet's targets keys");
    }

    Path stage(Made<TargetsMetadata> targets) throws IOException {
        var file = MetadataFile.of(Role.TARGETS, targets.metadata().version());
        folder.stage(file, targets.document());
        return folder.staged(file);
    }

    void unstage(Made<TargetsMetadata> targets) throws IOException {
        Files.deleteIfExists(
                folder.staged(MetadataFile.of(Role.TARGETS, targets.metadata().version())));
    }

    /** Metadata of a delegated role, which hold as long as what leads to them. */
    Made<TargetsMetadata> delegated(Delegation role, long version, SortedMap<String, TargetFile> files) {
        var metadata = new TargetsMetadata(version, now.plus(settings.lifetime()), Optional.of(now), files, List.of());
        return new Made<>(metadata, SignedDocument.sign(metadata.toSigned(), signers.of(role.keys())));
    }

    Made<SnapshotMetadata> snapshot(long version, SortedMap<String, MetaFile> before, MetaFile targets) {
        SortedMap<String, MetaFile> meta = new TreeMap<>(before);
        meta.put(Role.TARGETS.metadataName() + ".json", targets);
        var metadata = new SnapshotMetadata(version, now.plus(settings.lifetime()), Optional.of(now), meta);
        return new Made<>(metadata, SignedDocument.sign(metadata.toSigned(), signers.of(root.keys(Role.SNAPSHOT))));
    }

    Made<TimestampMetadata> timestamp(long version, MetaFile snapshot) {
        var metadata = new TimestampMetadata(version, now.plus(settings.lifetime()), Optional.of(now), snapshot);
        return new Made<>(metadata, SignedDocument.sign(metadata.toSigned(), signers.of(root.keys(Role.TIMESTAMP))));
    }
}
