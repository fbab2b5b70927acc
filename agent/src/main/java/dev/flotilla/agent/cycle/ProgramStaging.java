package dev.flotilla.agent.cycle;

import dev.flotilla.agent.archive.ProgramArchive;
import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.PartialFile;
import dev.flotilla.agent.cycle.Staging.Outcome;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Brings a program from the bucket into a folder that appears whole, by its digest. */
final class ProgramStaging {
    /** Programs are archives of archives: unpacked they are hardly larger. Twice that is on the safe side. */
    private static final long UNPACKED_AND_PACKED = 3;

    private final Bucket bucket;
    private final ProgramArchive.Limits limits;
    private final ByteSize freeSpace;

    /** @param freeSpace what stays free on the disk, at least */
    ProgramStaging(Bucket bucket, ProgramArchive.Limits limits, ByteSize freeSpace) {
        this.freeSpace = freeSpace;
        this.bucket = bucket;
        this.limits = limits;
    }

    /**
     * Where a program comes from and goes to.
     *
     * @param archive where its archive lies until it is unpacked, and a part of it for the next try where it doesn't come whole
     * @param home the folder that it is unpacked into
     */
    record Way(TargetPath path, TargetFile file, PartialFile archive, Path home) {
        private ObjectKey key() {
            return BucketLayout.target(path, file.sha256());
        }
    }

    /** Is told how far a program has come. */
    interface Progress {
        Progress NOBODY = new Progress() {
            @Override
            public void downloaded() {}

            @Override
            public void unpacked() {}
        };

        void downloaded();

        void unpacked();
    }

    /**
     * Nothing happens where the folder is there. Answers what keeps it from being there; {@link IOException} where the disk does.
     *
     * @param wanted asked while it downloads: whether to go on
     */
    Optional<Outcome> bring(Way way, BooleanSupplier wanted, Progress progress) throws IOException {
        if (Files.isDirectory(way.home())) {
            return Optional.empty();
        }
        Optional<Outcome> tooFull = tooFull(way);
        if (tooFull.isPresent()) {
            way.archive().remove();
            return tooFull;
        }
        Optional<Outcome> failure = downloaded(way, wanted);
        if (failure.isPresent()) {
            return failure;
        }
        try {
            progress.downloaded();
            var unpacking = new ProgramArchive(way.archive().path(), limits).unpackInto(way.home());
            if (unpacking instanceof ProgramArchive.Unpacking.Refused refused) {
                return Optional.of(new Outcome.Broken("its program can't be unpacked: " + refused.reason()));
            }
            progress.unpacked();
            return Optional.empty();
        } finally {
            way.archive().remove();
        }
    }

    /** Found out before anything is fetched: a disk that is full in the middle would take the mirror's store with it. */
    private Optional<Outcome> tooFull(Way way) throws IOException {
        long needed = UNPACKED_AND_PACKED * way.file().length().bytes()
                + freeSpace.bytes()
                - way.archive().length();
        for (Path folder : List.of(folderOf(way.archive().path()), folderOf(way.home()))) {
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < needed) {
                return Optional.of(new Outcome.Unavailable("the disk with " + folder + " has " + new ByteSize(free)
                        + " free, and " + new ByteSize(needed)
                        + " are needed to fetch, unpack and have room left (limits.free-space)"));
            }
        }
        return Optional.empty();
    }

    private static Path folderOf(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    /** Only the whole is verified: where a part of an earlier try was in it, that may be to blame, and it begins anew once. */
    private Optional<Outcome> downloaded(Way way, BooleanSupplier wanted) throws IOException {
        boolean wentOn = way.archive().length() > 0;
        Optional<Outcome> failure = fetched(way, wanted);
        return wentOn && failure.filter(Outcome.Damaged.class::isInstance).isPresent() ? fetched(way, wanted) : failure;
    }

    private Optional<Outcome> fetched(Way way, BooleanSupplier wanted) throws IOException {
        PartialFile archive = way.archive();
        return switch (bucket.download(way.key(), archive, way.file().length(), wanted)) {
            case Bucket.Download.Absent absent -> Optional.of(new Outcome.Unavailable(absent.reason()));
            case Bucket.Download.TooLarge tooLarge -> Optional.of(new Outcome.Damaged(tooLarge.reason()));
            case Bucket.Download.Failed failed -> Optional.of(new Outcome.Unavailable(failed.reason()));
            case Bucket.Download.BrokenOff ignored -> Optional.of(new Outcome.BrokenOff());
            case Bucket.Download.Done done -> {
                Sha256 digest = digest(archive.path());
                if (digest.equals(way.file().sha256())) {
                    yield Optional.empty();
                }
                archive.remove();
                yield Optional.of(
                        new Outcome.Damaged("wrong digest: " + way.key() + " (" + done.size() + ") has " + digest));
            }
        };
    }

    private static Sha256 digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Sha256.of(in);
        }
    }
}
