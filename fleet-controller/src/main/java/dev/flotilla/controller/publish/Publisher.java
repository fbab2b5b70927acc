package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.controller.difference.Contents;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.TrustFolder.Root;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Publishes a fleet's configuration as a signed release. Files go first, under their digests; then metadata under their
 * versions; last the timestamp, by conditional write, so that the bucket leads to a whole release at any time, whoever else
 * publishes and wherever this is killed. For one thread.
 */
public final class Publisher {
    private final FleetConfiguration fleet;
    private final Bucket bucket;
    private final Programs programs;
    private final List<Path> keys;
    private final Clock clock;
    private final Consumer<String> progress;
    private final Groundwork groundwork;
    private final TrustFolder folder;

    /** When to sign. */
    public enum Signing {
        /** Only where something differs from what is in the bucket. */
        WHEN_CHANGED,
        /** Also where nothing does, so that it expires later. */
        ALWAYS
    }

    /**
     * Nothing is read yet.
     *
     * @param program the archive of the mirror that nodes run
     * @param keys folders with private keys beside the fleet's trust folder
     * @param actor who publishes, for the audit trail
     * @param progress gets a line for each step
     */
    public Publisher(
            FleetConfiguration fleet,
            Bucket bucket,
            Path program,
            List<Path> keys,
            Clock clock,
            String actor,
            Consumer<String> progress) {
        this(fleet, bucket, new Programs(program, Optional.empty()), keys, clock, actor, Fence.ALONE, progress);
    }

    /** Nothing is read yet. The same with an agent in the release, and among other controllers: {@code fence} stands before the pointer. */
    public Publisher(
            FleetConfiguration fleet,
            Bucket bucket,
            Programs programs,
            List<Path> keys,
            Clock clock,
            String actor,
            Fence fence,
            Consumer<String> progress) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.programs = programs;
        this.keys = List.copyOf(keys);
        this.clock = clock;
        this.progress = progress;
        this.groundwork = new Groundwork(fleet, bucket, keys, clock, actor, fence, progress);
        this.folder = new TrustFolder(fleet.trust().folder());
    }

    public Publishing publish(Signing signing) throws IOException {
        return publish(signing, false);
    }

    /**
     * Publishes.
     *
     * @param emergency whether the rollout keeps no hours and short soaks. A release that goes slower so far is published
     *     once more for it
     */
    public Publishing publish(Signing signing, boolean emergency) throws IOException {
        try {
            ReleaseFiles files = ReleaseFiles.of(fleet, programs);
            List<Root> chain = folder.chain();
            if (chain.isEmpty()) {
                switch (new Roots(fleet, keys, clock).first()) {
                    case RootChange.Made made -> progress.accept("the fleet's first root is " + made.file());
                    case RootChange.Staged staged -> {
                        return new Publishing.Unsigned(staged.file(), staged.lacking());
                    }
                    case RootChange.Refused refused -> {
                        return new Publishing.Refused(refused.reason());
                    }
                }
                chain = folder.chain();
            }
            return publish(signing, emergency, chain, files);
        } catch (NoSuchFileException missing) {
            return new Publishing.Refused(programs.without(missing, fleet.file()));
        } catch (IllegalArgumentException unusable) {
            return new Publishing.Refused(String.valueOf(unusable.getMessage()));
        }
    }

    private Publishing publish(Signing signing, boolean emergency, List<Root> chain, ReleaseFiles files)
            throws IOException {
        return switch (groundwork.lay(chain, () -> new Uploads(bucket, progress).bring(files))) {
            case Groundwork.Result.Hindered hindered -> hindered.why();
            case Groundwork.Result.Laid laid -> {
                Publishing done = new Publication(laid.ground(), new Waves(laid.ground(), emergency))
                        .publish(signing, files.targets());
                done.problem()
                        .flatMap(why -> laid.ground().audit().notDone("publish", why, List.of()))
                        .ifPresent(progress);
                yield done;
            }
        };
    }

    /** Says what a publication would change, and changes nothing. */
    public Comparison compare() throws IOException {
        try {
            SortedMap<String, TargetFile> files =
                    ReleaseFiles.of(fleet, programs).targets();
            List<Root> chain = folder.chain();
            switch (BucketOwner.of(fleet, bucket)) {
                case BucketOwner.Others others -> {
                    return new Comparison.Unknown(others.reason());
                }
                case BucketOwner.Unknown unknown -> {
                    return new Comparison.Unknown(unknown.reason());
                }
                case BucketOwner.Nobodys ignored -> {}
                case BucketOwner.Ours ignored -> {}
            }
            if (chain.isEmpty()) {
                return first(files);
            }
            return switch (bucket.look(BucketLayout.metadata(MetadataFile.of(Role.ROOT, 1)))) {
                case Bucket.Presence.Absent ignored -> first(files);
                case Bucket.Presence.Failed failed -> new Comparison.Unknown(failed.reason());
                case Bucket.Presence.There ignored ->
                    switch (groundwork.lay(chain, Optional::empty)) {
                        case Groundwork.Result.Hindered hindered ->
                            new Comparison.Unknown(hindered.why().problem().orElseThrow());
                        case Groundwork.Result.Laid laid ->
                            new Publication(laid.ground(), new Waves(laid.ground(), false)).compare(files);
                    };
            };
        } catch (NoSuchFileException missing) {
            return new Comparison.Unknown(programs.without(missing, fleet.file()));
        } catch (IllegalArgumentException unusable) {
            return new Comparison.Unknown(String.valueOf(unusable.getMessage()));
        }
    }

    /**
     * What changes inside the files of a release, by the lines of {@link Comparison.Different#changes}: of configurations what stands in
     * them, of programs how large they are. What can't be read from the bucket says so.
     */
    public Map<String, List<String>> differences(Comparison.Different different) throws IOException {
        SortedMap<TargetPath, ReleaseFiles.Source> sources =
                ReleaseFiles.of(fleet, programs).sources();
        Map<String, List<String>> differences = new HashMap<>();
        for (Map.Entry<TargetPath, ReleaseFiles.Source> source : sources.entrySet()) {
            TargetPath path = source.getKey();
            Optional<TargetFile> old = Optional.ofNullable(different.before().get(path.value()));
            if (old.equals(Optional.of(source.getValue().file()))) {
                continue;
            }
            differences.put(
                    (old.isPresent() ? "~ " : "+ ") + path.value(),
                    switch (source.getValue()) {
                        case ReleaseFiles.Source.Text text -> inside(path, old, text);
                        case ReleaseFiles.Source.OnDisk program -> {
                            List<String> lines = new ArrayList<>();
                            old.ifPresent(file -> lines.add("-" + described(file)));
                            lines.add("+" + described(program.file()));
                            yield lines;
                        }
                    });
        }
        return differences;
    }

    private static String described(TargetFile program) {
        return program.length() + ", sha256 " + program.sha256();
    }

    private List<String> inside(TargetPath path, Optional<TargetFile> old, ReleaseFiles.Source.Text text) {
        if (old.isEmpty()) {
            return new Contents("", text.text()).difference();
        }
        Bucket.Lookup before = bucket.get(
                BucketLayout.target(path, old.get().sha256()),
                Optional.empty(),
                old.get().length());
        return before instanceof Bucket.Lookup.Found found
                        && Sha256.of(found.content()).equals(old.get().sha256())
                ? new Contents(new String(found.content(), StandardCharsets.UTF_8), text.text()).difference()
                : List.of("(what is in the bucket can't be read)");
    }

    private static Comparison first(SortedMap<String, TargetFile> files) {
        return new Comparison.Different(
                Optional.empty(),
                files.keySet().stream().map(path -> "+ " + path).toList(),
                new TreeMap<>(),
                files);
    }

    /**
     * Which node would go when, if what {@code fleet.conf} says were published now, for people. Uploads and signs nothing.
     *
     * @throws IOException also where that can't be found out
     */
    public List<String> preview(boolean emergency) throws IOException {
        try {
            List<Root> chain = folder.chain();
            if (chain.isEmpty()) {
                return List.of("a first release: every node takes it at once");
            }
            SortedMap<String, TargetFile> files =
                    ReleaseFiles.of(fleet, programs).targets();
            return switch (groundwork.lay(chain, Optional::empty)) {
                case Groundwork.Result.Hindered hindered ->
                    throw new IOException(hindered.why().toString());
                case Groundwork.Result.Laid laid -> new Waves(laid.ground(), emergency).preview(files);
            };
        } catch (NoSuchFileException missing) {
            throw new IOException(programs.without(missing, fleet.file()), missing);
        }
    }
}
