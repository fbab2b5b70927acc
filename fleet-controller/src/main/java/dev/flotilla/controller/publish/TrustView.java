package dev.flotilla.controller.publish;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.trust.Binding;
import dev.flotilla.agent.trust.KeyRing;
import dev.flotilla.agent.trust.PublicKey;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.RootMetadata;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.publish.TrustFolder.Root;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a trust folder holds: the newest root's keys, and which of their private halves are at hand. Immutable. */
public final class TrustView {
    private final Optional<RootMetadata> root;
    private final Signers signers;
    private final List<Path> staged;

    private TrustView(Optional<RootMetadata> root, Signers signers, List<Path> staged) {
        this.root = root;
        this.signers = signers;
        this.staged = List.copyOf(staged);
    }

    /** Reads the folder; {@link IllegalArgumentException} where something in it can't be used. */
    public static TrustView of(TrustFolder folder, List<Path> more) throws IOException {
        List<Root> chain = folder.chain();
        List<Path> folders = new ArrayList<>(more);
        folders.addFirst(folder.path());
        return new TrustView(
                chain.isEmpty() ? Optional.empty() : Optional.of(chain.getLast().metadata()),
                Signers.in(folders),
                folder.staged());
    }

    /** The newest one; absent before the first publication. */
    public Optional<RootMetadata> root() {
        return root;
    }

    /** Where the private half of a key lies, if it is at hand. */
    public Optional<Path> file(PublicKey key) {
        return signers.file(key);
    }

    /** What waits for signatures. */
    public List<Path> staged() {
        return staged;
    }

    /** How the root's fleet, bucket and zone differ from {@code fleet}'s, if they do. */
    public Optional<String> difference(FleetConfiguration fleet) {
        return root.flatMap(newest -> TrustFolder.difference(newest, Roots.binding(fleet)));
    }

    /** For people. */
    public List<String> lines() {
        if (root.isEmpty()) {
            return List.of("There is no root yet: the first flotilla publish makes it of the keys that are here.");
        }
        RootMetadata metadata = root.get();
        List<String> lines = new ArrayList<>();
        lines.add("Root " + metadata.version() + " for "
                + metadata.binding().map(Binding::toString).orElse("nobody") + ", until " + metadata.expires());
        for (Role role : Role.values()) {
            KeyRing ring = metadata.keys(role);
            lines.add("  " + role.metadataName() + ": " + ring.threshold() + " of "
                    + ring.keys().size() + (ring.keys().size() == 1 ? " key" : " keys"));
            for (PublicKey key : sorted(ring)) {
                lines.add("    " + key.id() + "  "
                        + signers.file(key).map(Path::toString).orElse("not here"));
            }
        }
        staged.forEach(file -> lines.add("Waits for signatures: " + file + " (flotilla sign)"));
        return lines;
    }

    public JsonObject toJson() {
        JsonObject written = JsonObject.EMPTY.with(
                "staged",
                new Json.Sequence(staged.stream()
                        .<Json>map(file -> new Json.Text(file.toString()))
                        .toList()));
        if (root.isEmpty()) {
            return written;
        }
        JsonObject roles = JsonObject.EMPTY;
        for (Role role : Role.values()) {
            KeyRing ring = root.get().keys(role);
            roles = roles.with(
                    role.metadataName(),
                    JsonObject.EMPTY
                            .with("threshold", ring.threshold())
                            .with(
                                    "keys",
                                    new Json.Sequence(sorted(ring).stream()
                                            .<Json>map(key -> JsonObject.EMPTY
                                                    .with("id", key.id().value())
                                                    .with(
                                                            "file",
                                                            signers.file(key),
                                                            file -> new Json.Text(file.toString())))
                                            .toList())));
        }
        return written.with("root", root.get().version())
                .with("expires", root.get().expires())
                .with("roles", roles);
    }

    private static List<PublicKey> sorted(KeyRing ring) {
        return ring.keys().values().stream()
                .sorted(Comparator.comparing(PublicKey::id))
                .toList();
    }
}
