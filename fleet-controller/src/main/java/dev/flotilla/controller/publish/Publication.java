package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.controller.publish.ReleaseSigner.Made;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** One publication of a release: targets where it is new, then what leads to them. */
final class Publication {
    private final Ground ground;
    private final Waves waves;
    private final ReleaseSigner signer;
    private final Leading leading;
    private final MetadataObjects objects;

    Publication(Ground ground, Waves waves) {
        this.ground = ground;
        this.waves = waves;
        this.signer = ground.signer();
        this.leading = new Leading(ground);
        this.objects = leading.objects();
    }

    Publishing publish(Publisher.Signing signing, SortedMap<String, TargetFile> files) throws IOException {
        Optional<TrustedMetadata> current = ground.before().metadata();
        boolean renewed = signing == Publisher.Signing.ALWAYS;
        if (!renewed && current.isPresent() && signer.makesRoleForIntents(current.get())) {
            ground.progress()
                    .accept("the fleet gets a role for intents (flotilla drain, flotilla purge), and a key for it");
        }
        List<String> changes = differences(
                current.map(metadata -> Waves.without(metadata.targets().targets()))
                        .orElseGet(TreeMap::new),
                files);
        List<Delegation> delegations = signer.delegations(current);
        current.ifPresent(metadata -> changes.addAll(roles(metadata.targets().delegations(), delegations)));
        boolean hastened = waves.hasten();
        boolean same = current.isPresent() && changes.isEmpty() && !hastened;
        if (same && !renewed && ground.chain().coming().isEmpty()) {
            return new Publishing.Unchanged(
                    current.get().targets().version(), current.get().expires());
        }
        for (Role online : List.of(Role.SNAPSHOT, Role.TIMESTAMP)) {
            Optional<String> unable = signer.unable(online);
            if (unable.isPresent()) {
                return new Publishing.Refused(unable.get());
            }
        }
        return same && !hasToBeSignedAgain(current.get())
                ? leading.lead(new Leading.To(
                        current.get().targets(),
                        current.get().snapshot().targets(),
                        Map.of(),
                        renewed,
                        "renew",
                        List.of()))
                : newRelease(files, same, delegations, changes, renewed);
    }

    /** What {@link #publish} would change. */
    Comparison compare(SortedMap<String, TargetFile> files) throws IOException {
        Optional<TrustedMetadata> current = ground.before().metadata();
        SortedMap<String, TargetFile> before = current.map(
                        metadata -> Waves.without(metadata.targets().targets()))
                .orElseGet(TreeMap::new);
        List<String> changes = differences(before, files);
        if (current.isPresent()) {
            changes.addAll(roles(current.get().targets().delegations(), signer.delegations(current)));
        }
        ground.chain()
                .coming()
                .forEach(root -> changes.add("+ root " + root.metadata().version()));
        return current.isPresent() && changes.isEmpty()
                ? new Comparison.Same(current.get().targets().version(), files)
                : new Comparison.Different(
                        current.map(metadata -> metadata.targets().version()), changes, before, files);
    }

    /** An offline key is not asked for only because a release ends in some months. */
    private boolean hasToBeSignedAgain(TrustedMetadata current) {
        Lookup document = ground.bucket()
                .get(
                        BucketLayout.metadata(
                                MetadataFile.of(Role.TARGETS, current.targets().version())),
                        Optional.empty(),
                        TrustLimits.USUAL.targets());
        if (document instanceof Lookup.Found found) {
            var envelope = SignedDocument.parse(found.content(), TrustLimits.USUAL.targets());
            if (signer.lacking(new Made<>(current.targets(), envelope)).isPresent()) {
                return true;
            }
        }
        if (signer.endsSoon(current.targets())) {
            if (signer.unable(Role.TARGETS).isEmpty()) {
                return true;
            }
            ground.progress()
                    .accept("release " + current.targets().version() + " itself ends at "
                            + current.targets().expires() + ": publish --renew with the targets key before");
        }
        return false;
    }

    private Publishing newRelease(
            SortedMap<String, TargetFile> contents,
            boolean same,
            List<Delegation> delegations,
            List<String> changes,
            boolean renewed)
            throws IOException {
        long first = ground.before()
                        .metadata()
                        .map(metadata -> metadata.targets().version())
                        .orElse(0L)
                + 1;
        Optional<Made<TargetsMetadata>> staged = signer.staged(first, contents, delegations);
        Optional<String> lacking = staged.flatMap(signer::lacking);
        if (lacking.isEmpty() && staged.isPresent()) {
            Writing writing = objects.write(Role.TARGETS.metadataName(), staged.get());
            if (writing instanceof Writing.Failed failed) {
                return new Publishing.Failed(failed.reason());
            }
            if (objects.isWritten(writing, Role.TARGETS.metadataName(), staged.get())) {
                return released(staged.get(), changes, renewed);
            }
        } else if (staged.isPresent()) {
            return new Publishing.Unsigned(signer.stage(staged.get()), lacking.orElse(""));
        }
        SortedMap<String, TargetFile> files;
        switch (same ? waves.kept(contents) : waves.planned(contents)) {
            case Waves.Planned.Not not -> {
                return not.why();
            }
            case Waves.Planned.Done done -> files = done.files();
        }
        if (signer.unable(Role.TARGETS).isPresent()) {
            Made<TargetsMetadata> unsigned =
                    signer.targets(objects.free(Role.TARGETS.metadataName(), first), files, delegations);
            return new Publishing.Unsigned(
                    signer.stage(unsigned), signer.lacking(unsigned).orElse(""));
        }
        return switch (objects.numbered(
                Role.TARGETS.metadataName(), first, version -> signer.targets(version, files, delegations))) {
            case MetadataObjects.Numbered.Written<TargetsMetadata> written ->
                released(written.made(), changes, renewed);
            case MetadataObjects.Numbered.Not<TargetsMetadata> not -> not.why();
        };
    }

    private Publishing released(Made<TargetsMetadata> targets, List<String> changes, boolean renewed)
            throws IOException {
        Publishing published = leading.lead(
                new Leading.To(targets.metadata(), targets.asMetaFile(), Map.of(), renewed, "publish", changes));
        if (published instanceof Publishing.Published) {
            signer.unstage(targets);
        }
        return published;
    }

    private static List<String> differences(SortedMap<String, TargetFile> before, SortedMap<String, TargetFile> after) {
        List<String> differences = new ArrayList<>();
        after.forEach((path, file) -> {
            TargetFile old = before.get(path);
            if (old == null) {
                differences.add("+ " + path);
            } else if (!old.equals(file)) {
                differences.add("~ " + path);
            }
        });
        before.keySet().stream().filter(path -> !after.containsKey(path)).forEach(path -> differences.add("- " + path));
        return differences;
    }

    /** Which roles come, go or get other keys. */
    private static List<String> roles(List<Delegation> before, List<Delegation> after) {
        List<String> differences = new ArrayList<>();
        after.stream().filter(role -> !before.contains(role)).forEach(role -> differences.add("~ role " + role.name()));
        before.stream()
                .filter(role -> after.stream().noneMatch(other -> other.name().equals(role.name())))
                .forEach(role -> differences.add("- role " + role.name()));
        return differences;
    }
}
