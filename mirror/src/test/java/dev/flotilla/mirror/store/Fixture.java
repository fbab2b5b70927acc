package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** Files for the tests of the store. */
final class Fixture {
    static final StoreLimits LIMITS = new StoreLimits(new ByteSize(100_000), ByteSize.ofMiB(1));

    private Fixture() {}

    /** Commits content of {@code size} bytes under the path of a file of {@code project}. */
    static Sha256 keep(Store store, String project, int size, int seed) throws IOException {
        byte[] content = BlobStoreTest.content(size, seed);
        var expected = new Expected(OptionalLong.of(size), Optional.of(Sha256.of(content)), Optional.empty());
        try (Intake intake = store.blobs().begin(expected)) {
            try {
                intake.write(content, 0, size);
                StoredFile file = ((Verdict.Committed) intake.commit()).file();
                store.blobs().learn(path(project, seed), file);
                file.release();
                return file.digest();
            } finally {
                intake.discard();
            }
        }
    }

    static FilePath path(String project, int seed) {
        return new FilePath.ByBlake2b("%064x".formatted(seed), project + "-" + seed + ".tar.gz", false);
    }
}
