package dev.flotilla.tests;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Real pips on a {@link NamedNetwork} that install by its fleet's name, each one time after the other, until it is closed. */
final class SteadyPips implements AutoCloseable {
    private final AtomicInteger installed = new AtomicInteger();
    private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();
    private final Queue<Long> deaths = new ConcurrentLinkedQueue<>();
    private final List<CompletableFuture<Void>> pips = new ArrayList<>();
    private volatile boolean enough;

    private SteadyPips() {}

    /** In milliseconds of the clock. */
    private record Failure(long begun, long ended, String said) {
        /**
         * Whether its download was under way when the region died that it came from. Until 25.2 pip doesn't go on with one in another region: it takes what it
         * has for the whole file and refuses it by its hash, or gives up when nothing comes any more, and tries neither again.
         */
        boolean wasCutAt(long death) {
            return begun <= death && death <= ended && said.contains("Downloading");
        }
    }

    /**
     * Begins with it.
     *
     * @param folder gets what they install
     */
    static SteadyPips begin(PythonEnvironment environment, Path folder, int many) {
        var pips = new SteadyPips();
        for (int i = 0; i < many; i++) {
            Path site = folder.resolve("site-" + i);
            pips.pips.add(CompletableFuture.runAsync(
                    () -> pips.install(environment, site),
                    task -> Thread.ofPlatform().start(task)));
        }
        return pips;
    }

    private void install(PythonEnvironment environment, Path site) {
        var index = URI.create("http://" + NamedNetwork.NAME + ":8080/simple/");
        while (!enough) {
            long begun = System.currentTimeMillis();
            Command pip = environment.install(
                    index,
                    "--trusted-host",
                    NamedNetwork.NAME,
                    "--no-deps",
                    "--upgrade",
                    "--target",
                    site.toString(),
                    "provisioned");
            if (pip.exitCode() == 0) {
                installed.incrementAndGet();
            } else {
                failures.add(new Failure(begun, System.currentTimeMillis(), pip.output()));
            }
        }
    }

    int many() {
        return pips.size();
    }

    int installed() {
        return installed.get();
    }

    /** A region dies now, and with it what is being sent by it. */
    void regionDies() {
        deaths.add(System.currentTimeMillis());
    }

    /** Those that failed. */
    int failed() {
        return failures.size();
    }

    /** What those said that failed without their download having been cut by a region's death. */
    List<String> failures() {
        return failures.stream()
                .filter(failure -> deaths.stream().noneMatch(failure::wasCutAt))
                .map(Failure::toString)
                .toList();
    }

    @Override
    public void close() {
        enough = true;
        pips.forEach(CompletableFuture::join);
    }
}
