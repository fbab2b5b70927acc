package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program that says how many bytes of heap each file of a store takes. Arguments: folder, how many files are in it. */
final class LargeStoreProbe {
    private static final StoreLimits LIMITS = new StoreLimits(ByteSize.ofGiB(1_000), ByteSize.ofMiB(1));

    private LargeStoreProbe() {}

    /** Makes a store of small files, one path each. */
    static void make(Path folder, int files) throws IOException {
        Layout layout = Layout.of(folder);
        var links = new Links(layout);
        for (int i = 0; i < files; i++) {
            byte[] content = Integer.toString(i).getBytes(StandardCharsets.US_ASCII);
            DigestKey digest = DigestKey.of(Sha256.of(content));
            Path place = layout.blob(digest);
            Files.createDirectories(Layout.parent(place));
            Files.write(place, content);
            links.write(PathKey.of(Fixture.path("harbour", i)), digest);
        }
    }

    public static void main(String[] arguments) throws Exception {
        int files = Integer.parseInt(arguments[2]);
        // What every store takes, and what is loaded and compiled by using one, isn't that of a file.
        Path small = Files.createDirectory(Path.of(arguments[1]));
        try (var store = Store.open(small, LIMITS, new SimpleMeterRegistry())) {
            Fixture.keep(store, "harbour", 1_000, 1);
        }
        long before = used();
        try (var store = Store.open(Path.of(arguments[0]), LIMITS, new SimpleMeterRegistry())) {
            while (!isWhole(store, files)) {
                Thread.onSpinWait();
            }
            System.out.println((used() - before) / (double) files);
        }
    }

    private static boolean isWhole(Store store, int files) {
        return store.blobs().figures().entries() == files
                && store.blobs().find(Fixture.path("harbour", 0)).isPresent()
                && store.blobs().find(Fixture.path("harbour", files - 1)).isPresent();
    }

    private static long used() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(
                    least,
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }
}
