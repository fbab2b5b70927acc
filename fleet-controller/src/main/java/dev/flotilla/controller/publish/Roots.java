package dev.flotilla.controller.publish;

import dev.flotilla.agent.trust.Binding;
import dev.flotilla.agent.trust.KeyId;
import dev.flotilla.agent.trust.KeyRing;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.PublicKey;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.RootMetadata;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.publish.TrustFolder.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes the roots of a fleet: the first one, and those that replace keys, thresholds or an earlier end. For one thread. */
public final class Roots {
    private final FleetConfiguration fleet;
    private final TrustFolder folder;
    private final List<Path> keyFolders;
    private final Clock clock;

    /**
     * Nothing is read yet.
     *
     * @param more folders with private keys beside the trust folder's own
     */
    public Roots(FleetConfiguration fleet, List<Path> more, Clock clock) {
        this.fleet = fleet;
        this.folder = new TrustFolder(fleet.trust().folder());
        this.keyFolders = new ArrayList<>(more);
        this.keyFolders.addFirst(folder.path());
        this.clock = clock;
    }

    /** What a fleet's roots are made for, by its configuration. */
    static Binding binding(FleetConfiguration fleet) {
        return new Binding(
                fleet.name(),
                fleet.bucket().name(),
                fleet.dns().map(dns -> dns.zone().value()));
    }

    /** How a role is to change. */
    public sealed interface Change {
        /** A new key takes the place of all that the role has. */
        record Replace() implements Change {}

        /**
         * Keys come and go.
         *
         * @param threshold stays as it is where it is absent
         */
        record Edit(List<PublicKey> add, List<KeyId> remove, Optional<Integer> threshold) implements Change {
            public Edit {
                add = List.copyOf(add);
                remove = List.copyOf(remove);
            }
        }
    }

    /** The first root, of the keys that {@link TrustFolder#create} has made. */
    RootChange first() throws IOException {
        return make(folder.firstRings(), Optional.empty());
    }

    /** A root with the keys and thresholds of the one before, for the fleet as it is configured now, to end later. */
    public RootChange renew() throws IOException {
        return change(Map.of(), new SecureRandom());
    }

    /** The next root, in which some roles are changed. */
    public RootChange change(Map<Role, Change> changes, SecureRandom random) throws IOException {
        try {
            List<Root> chain = folder.chain();
            if (chain.isEmpty()) {
                return new RootChange.Refused("there is no root yet: the first publication makes one of the keys in "
                        + folder + ". Run flotilla publish");
            }
            Root newest = chain.getLast();
            Path waiting =
                    folder.staged(MetadataFile.of(Role.ROOT, newest.metadata().version() + 1));
            if (Files.exists(waiting)) {
                return new RootChange.Refused(waiting + " waits for signatures: have it signed with flotilla sign, or"
                        + " delete it to begin again");
            }
            Map<Role, KeyRing> rings = new EnumMap<>(newest.metadata().roles());
            for (var entry : changes.entrySet()) {
                Role role = entry.getKey();
                rings.put(
                        role, changed(role, newest.metadata().keys(role), entry.getValue(), chain.size() + 1, random));
            }
            return make(rings, Optional.of(newest));
        } catch (IllegalArgumentException unusable) {
            return new RootChange.Refused(String.valueOf(unusable.getMessage()));
        }
    }

    private KeyRing changed(Role role, KeyRing before, Change change, int version, SecureRandom random)
            throws IOException {
        KeyRing after = switch (change) {
            case Change.Replace ignored -> {
                if (before.threshold() > 1) {
                    throw new IllegalArgumentException(
                            "the role " + role.metadataName() + " needs "
                                    + before.threshold()
                                    + " keys, which one person should not hold: let each custodian run"
                                    + " flotilla keys generate, then name the new keys with --add and the old ones with --remove");
                }
                yield KeyRing.of(folder.generate(free(role.metadataName() + "-" + version), random));
            }
            case Change.Edit edit -> edited(role, before, edit);
        };
        if (!after.canBeMet()) {
            throw new IllegalArgumentException("the role " + role.metadataName() + " would need " + after.threshold()
                    + " keys and have only " + after.keys().size());
        }
        return after;
    }

    private static KeyRing edited(Role role, KeyRing before, Change.Edit edit) {
        Map<KeyId, PublicKey> keys = new HashMap<>(before.keys());
        for (KeyId id : edit.remove()) {
            if (keys.remove(id) == null) {
                throw new IllegalArgumentException(
                        "the role " + role.metadataName() + " has no key " + id + ": flotilla keys lists them");
            }
        }
        edit.add().forEach(key -> keys.put(key.id(), key));
        return new KeyRing(keys, edit.threshold().orElse(before.threshold()));
    }

    /** A name that no key has: one that a killed command has left is passed over. */
    private String free(String name) {
        String candidate = name;
        for (int i = 2; Files.exists(folder.key(candidate)); i++) {
            candidate = name + "-" + i;
        }
        return candidate;
    }

    private RootChange make(Map<Role, KeyRing> rings, Optional<Root> before) throws IOException {
        Instant now = clock.instant();
        long version = before.map(root -> root.metadata().version()).orElse(0L) + 1;
        var metadata = new RootMetadata(
                version,
                now.plus(fleet.trust().rootLifetime()),
                Optional.of(now),
                true,
                rings,
                Optional.of(binding(fleet)));
        Signers signers = Signers.in(keyFolders);
        Set<SigningKey> able = new LinkedHashSet<>(signers.of(metadata.keys(Role.ROOT)));
        before.ifPresent(root -> able.addAll(signers.of(root.metadata().keys(Role.ROOT))));
        var root = new Root(metadata, SignedDocument.sign(metadata.toSigned(), able));
        Optional<String> lacking = TrustFolder.lacking(root, before);
        Path file = folder.add(root, before);
        return lacking.isPresent()
                ? new RootChange.Staged(version, file, lacking.get())
                : new RootChange.Made(version, file);
    }
}
