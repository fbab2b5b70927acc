package dev.flotilla.agent.cycle;

import dev.flotilla.agent.archive.ProgramArchive;
import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.cycle.Staging.Outcome;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.Optional;

/** Brings a program from the bucket into a folder that appears whole, by its digest. */
final class ProgramStaging {
    private static final int BLOCK_BYTES = 64 << 10;

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
     * @param archive where its archive lies until it is unpacked
     * @param home the folder that it is unpacked into
     */
    record Way(TargetPath path, TargetFile file, Path archive, Path home) {
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

    /** Nothing happens where the folder is there. Answers what keeps it from being there; {@link IOException} where the disk does. */
    Optional<Outcome> bring(Way way, Progress progress) throws IOException {
        if (Files.isDirectory(way.home())) {
            return Optional.empty();
        }
        Disk.remove(way.archive());
        Optional<Outcome> tooFull = tooFull(way);
        if (tooFull.isPresent()) {
            return tooFull;
        }
        try {
            Optional<Outcome> failure = downloaded(way);
            if (failure.isPresent()) {
                return failure;
            }
            progress.downloaded();
            var unpacking = new ProgramArchive(way.archive(), limits).unpackInto(way.home());
            if (unpacking instanceof ProgramArchive.Unpacking.Refused refused) {
                return Optional.of(new Outcome.Broken("its program can't be unpacked: " + refused.reason()));
            }
            progress.unpacked();
            return Optional.empty();
        } finally {
            Disk.remove(way.archive());
        }
    }

    /** Found out before anything is fetched: a disk that is full in the middle would take the mirror's store with it. */
    private Optional<Outcome> tooFull(Way way) throws IOException {
        long needed = UNPACKED_AND_PACKED * way.file().length().bytes() + freeSpace.bytes();
        long free = Files.getFileStore(folderOf(way.archive())).getUsableSpace();
        return free >= needed
                ? Optional.empty()
                : Optional.of(new Outcome.Unavailable("the disk with " + folderOf(way.archive()) + " has "
                        + new ByteSize(free) + " free, and " + new ByteSize(needed)
                        + " are needed to fetch, unpack and have room left (limits.free-space)"));
    }

    private static Path folderOf(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    private Optional<Outcome> downloaded(Way way) throws IOException {
        return switch (bucket.download(way.key(), way.archive(), way.file().length())) {
            case Bucket.Download.Absent absent -> Optional.of(new Outcome.Unavailable(absent.reason()));
            case Bucket.Download.TooLarge tooLarge -> Optional.of(new Outcome.Damaged(tooLarge.reason()));
            case Bucket.Download.Failed failed -> Optional.of(new Outcome.Unavailable(failed.reason()));
            case Bucket.Download.Done done -> {
                Sha256 digest = digest(way.archive());
                yield digest.equals(way.file().sha256())
                        ? Optional.empty()
                        : Optional.of(new Outcome.Damaged(
                                "wrong digest: " + way.key() + " (" + done.size() + ") has " + digest));
            }
        };
    }

    private static Sha256 digest(Path file) throws IOException {
        MessageDigest digester = Sha256.digester();
        byte[] block = new byte[BLOCK_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(block); read >= 0; read = in.read(block)) {
                digester.update(block, 0, read);
            }
        }
        return Sha256.finish(digester);
    }
}
