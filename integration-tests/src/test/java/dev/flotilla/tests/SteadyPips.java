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
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<CompletableFuture<Void>> pips = new ArrayList<>();
    private volatile boolean enough;

    private SteadyPips() {}

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
                failures.add(pip.output());
            }
        }
    }

    int many() {
        return pips.size();
    }

    int installed() {
        return installed.get();
    }

    /** What those said that failed. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    @Override
    public void close() {
        enough = true;
        pips.forEach(CompletableFuture::join);
    }
}
