package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/**
 * A program that uses a store as a mirror does which shares it with others: looks files up, commits those that aren't there,
 * reads and writes pages. It ends with 0 when everything it was given was right. Arguments: folder, seed, rounds.
 */
final class BusyNeighbour {
    static final StoreLimits LIMITS = new StoreLimits(ByteSize.ofMiB(2), ByteSize.ofKiB(256));
    private static final int FILES = 300;
    private static final int PAGES = 60;

    private final Store store;
    private final Random random;
    private int commits;
    private int misses;
    private int refusals;

    private BusyNeighbour(Store store, long seed) {
        this.store = store;
        this.random = new Random(seed);
    }

    public static void main(String[] arguments) throws IOException {
        long seed = Long.parseLong(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        try (var store = Store.open(Path.of(arguments[0]), LIMITS, new SimpleMeterRegistry())) {
            var neighbour = new BusyNeighbour(store, seed);
            System.out.println("begins");
            for (int i = 0; i < rounds; i++) {
                neighbour.file(neighbour.random.nextInt(FILES));
                neighbour.page(neighbour.random.nextInt(PAGES));
                require(
                        store.blobs().figures().held().compareTo(LIMITS.files()) <= 0,
                        "the budget of files is exceeded");
                require(
                        store.pages().figures().held().compareTo(LIMITS.pages()) <= 0,
                        "the budget of pages is exceeded");
            }
            System.out.println(neighbour.commits + " commits, " + neighbour.misses + " misses, " + neighbour.refusals
                    + " refusals");
        }
    }

    private void file(int number) throws IOException {
        byte[] content = BlobStoreTest.content(1_000 + number * 97, number);
        var path = new FilePath.ByBlake2b(Sha256.of(content).hex(), "file-" + number + ".tar.gz", false);
        Optional<StoredFile> found = store.blobs().find(path);
        found = found.isPresent() ? found : store.blobs().seek(path);
        if (found.isEmpty()) {
            commit(path, content);
            return;
        }
        try (StoredFile file = found.get()) {
            require(Arrays.equals(Files.readAllBytes(file.path()), content), "a wrong file");
        } catch (NoSuchFileException evictedByAnother) {
            misses++;
            found.get().reportUnreadable();
        }
    }

    private void commit(FilePath path, byte[] content) throws IOException {
        var expected = new Expected(OptionalLong.of(content.length), Optional.of(Sha256.of(content)), Optional.empty());
        try (Intake intake = store.blobs().begin(expected)) {
            intake.write(content, 0, content.length);
            if (intake.commit() instanceof Verdict.Committed(StoredFile file)) {
                store.blobs().learn(path, file);
                file.release();
                commits++;
            }
        } catch (NoRoom full) {
            refusals++;
        }
    }

    private void page(int number) throws IOException {
        var key = new PageKey.Project(new ProjectName("project-" + number));
        Optional<StoredPage> page = store.pages().read(key);
        if (page.isPresent()) {
            int size = page.get().body().length;
            require(Arrays.equals(page.get().body(), BlobStoreTest.content(size, size)), "a wrong page");
        }
        if (random.nextInt(4) == 0) {
            store.pages().write(key, PageStoreTest.page(2_000 + random.nextInt(10_000)));
        }
    }

    private static void require(boolean right, String problem) {
        if (!right) {
            System.out.println(problem);
            System.out.flush();
            Runtime.getRuntime().halt(1);
        }
    }
}
