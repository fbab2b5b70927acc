package dev.flotilla.agent.cycle;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Brings a release's files to disk by their digests. What is there already is not fetched again. */
final class Staging {
    private final AgentConfiguration configuration;
    private final StateFolder folder;
    private final Bucket bucket;
    private final ProgramStaging programs;
    private final Step.Journal journal;

    Staging(AgentConfiguration configuration, StateFolder folder, Bucket bucket, Step.Journal journal) {
        this.configuration = configuration;
        this.folder = folder;
        this.bucket = bucket;
        this.programs = new ProgramStaging(
                bucket, configuration.limits().archive(), configuration.limits().freeSpace());
        this.journal = journal;
    }

    /** The outcome of staging. */
    sealed interface Outcome {
        record Staged(StagedRelease release) implements Outcome {}

        /** The release itself is broken. */
        record Broken(String reason) implements Outcome {}

        /** What came is not what the release promised; the next try may bring it. */
        record Damaged(String reason) implements Outcome {}

        /** The bucket could not be read, or the disk is too full. No fault of the release. */
        record Unavailable(String reason) implements Outcome {}

        /** It was no longer wanted while it came. */
        record BrokenOff() implements Outcome {}
    }

    /**
     * {@link IOException} where the node's own disk fails.
     *
     * @param wanted asked while the program comes: whether to go on
     */
    Outcome stage(Plan.Apply plan, BooleanSupplier wanted) throws IOException {
        var release = new StagedRelease(
                plan.release().mark(),
                plan.configuration().sha256(),
                plan.program().sha256());
        if (isWhole(release)) {
            return new Outcome.Staged(release);
        }
        Disk.remove(folder.release(plan.release().version()));
        Optional<Outcome> failure = program(plan, wanted);
        return failure.isPresent() ? failure.get() : folder(plan, release);
    }

    private boolean isWhole(StagedRelease release) {
        try {
            return StagedRelease.read(folder, release.mark()).equals(release);
        } catch (IOException notYet) {
            return false;
        }
    }

    private Optional<Outcome> program(Plan.Apply plan, BooleanSupplier wanted) throws IOException {
        TargetFile program = plan.program();
        long version = plan.release().version();
        var way = new ProgramStaging.Way(
                TargetPath.mirrorProgram(),
                program,
                folder.download(program.sha256()),
                folder.artifact(program.sha256()));
        return programs.bring(way, wanted, new ProgramStaging.Progress() {
            @Override
            public void downloaded() {
                journal.reached(Step.DOWNLOADED, version);
            }

            @Override
            public void unpacked() {
                journal.reached(Step.UNPACKED, version);
            }
        });
    }

    private Outcome folder(Plan.Apply plan, StagedRelease release) throws IOException {
        TargetFile file = plan.configuration();
        var key = BucketLayout.target(
                TargetPath.mirrorConfiguration(configuration.region(), configuration.node()), file.sha256());
        return switch (bucket.get(key, Optional.empty(), file.length())) {
            case Bucket.Lookup.Absent absent -> new Outcome.Unavailable(absent.reason());
            case Bucket.Lookup.TooLarge tooLarge -> new Outcome.Damaged(tooLarge.reason());
            case Bucket.Lookup.Failed failed -> new Outcome.Unavailable(failed.reason());
            case Bucket.Lookup.NotModified ignored -> new Outcome.Unavailable("nothing came for " + key);
            case Bucket.Lookup.Found found -> {
                Sha256 digest = Sha256.of(found.content());
                if (!digest.equals(file.sha256())) {
                    yield new Outcome.Damaged("wrong digest: " + key + " has " + digest);
                }
                make(release, found.content());
                journal.reached(Step.FOLDER_MADE, plan.release().version());
                yield new Outcome.Staged(release);
            }
        };
    }

    private void make(StagedRelease release, byte[] mirrorConfiguration) throws IOException {
        Path partial = folder.newRelease();
        try {
            Disk.replace(partial.resolve(StagedRelease.CONFIGURATION), mirrorConfiguration);
            Disk.link(partial.resolve(StagedRelease.PROGRAM), folder.linkTo(release.program()));
            Disk.replace(partial.resolve(StagedRelease.DESCRIPTION), JsonWriter.bytes(release.toJson()));
            Disk.move(partial, folder.release(release.mark().version()));
        } finally {
            Disk.remove(partial);
        }
    }
}
