package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the whole mirror at random moments of a mixed load: pages, cold files, warm files, evictions, clients
 * that leave; and at random moments of its start. After each kill everything on disk is read; then the next mirror goes on with
 * it. It breaks when a file gets its name before all of it is there, when a page or link is written in place, when what was
 * left lying is believed or never cleared away, or when a mirror leaves something outside its store.
 */
class KilledMirrorIT {
    private static final int STORES = 4;
    private static final int CLIENTS = 6;

    /** Half of what the files have together: there is always one to fetch and one to evict. */
    private static final String SETTINGS = "store { budget = 8 MiB }, workers { short = 2, long = 2 }";

    private static final List<Wheel> WHEELS = IntStream.range(0, 24)
            .mapToObj(i -> Wheel.of("flotilla-test-killed-" + i, "1.0", 3_000 + i * i * 2_500))
            .toList();

    @Test
    void aMirrorKilledAtAnyMomentLeavesASoundStore(@TempDir Path folder) {
        campaign(folder, 1, Integer.getInteger("flotilla.kills", 50));
    }

    /** The same, thousands of times. */
    @Tag("campaign")
    @Test
    void aMirrorKilledThousandsOfTimesLeavesASoundStore(@TempDir Path folder) {
        campaign(folder, 2, 500);
    }

    /** Kills {@code kills} mirrors on each of some stores, which work at the same time. */
    private static void campaign(Path folder, long seed, int kills) {
        try (var upstream = CountingIndex.of(WHEELS.toArray(Wheel[]::new));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var stores = IntStream.range(0, STORES)
                    .mapToObj(store -> CompletableFuture.runAsync(
                            () -> {
                                try {
                                    Path own = Files.createDirectory(folder.resolve("store-" + store));
                                    new Campaign(own, upstream, seed * 1_000 + store).run(kills);
                                } catch (IOException | InterruptedException failed) {
                                    throw new AssertionError(failed);
                                }
                            },
                            threads))
                    .toList();
            CompletableFuture.allOf(stores.toArray(CompletableFuture[]::new)).join();
        }
    }

    /** The mirrors on one store, one after another. */
    private static final class Campaign {
        private final Path folder;
        private final CountingIndex upstream;
        private final long seed;
        private final RandomGenerator random;
        private final StoreCheck store;
        private final Path temporary;
        private final AtomicInteger wholeFiles = new AtomicInteger();
        private int soundBlobs;

        Campaign(Path folder, CountingIndex upstream, long seed) throws IOException {
            this.temporary = Files.createDirectory(folder.resolve("temporary"));
            this.folder = folder;
            this.upstream = upstream;
            this.seed = seed;
            this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            this.store = new StoreCheck(folder.resolve("store"));
        }

        void run(int kills) throws IOException, InterruptedException {
            // The first one ends in peace and leaves its classes for those after it, which start in half the time.
            try (var first = start()) {
                assertThat(first.terminate()).isZero();
            }
            long begun = System.nanoTime();
            start().close();
            long startMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            for (int kill = 0; kill < kills; kill++) {
                if (kill % 2 == 0) {
                    killWhileStarting(random.nextLong(startMillis));
                }
                try (var mirror = start()) {
                    assertThat(store.unfinished())
                            .as("seed %s, before kill %s: what those before left is gone", seed, kill)
                            .hasSize(1);
                    loadUntilKilled(mirror, random.nextLong(2_000_000));
                }
                store.isSound();
                leavesNothingElse();
                soundBlobs += store.blobs().size();
            }
            assertThat(soundBlobs).as("files that outlived a kill").isGreaterThan(kills);
            assertThat(wholeFiles.get()).as("files that clients got").isGreaterThan(kills);
            afterwards();
        }

        private PackedMirror start() {
            return PackedMirror.start(folder, upstream.uri(), SETTINGS, environment());
        }

        private Map<String, String> environment() {
            return Map.of(
                    "FLOTILLA_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1", "FLOTILLA_TEMPORARY", temporary.toString());
        }

        /** Whatever the mirror was at then: making its folders, reading them, unpacking its libraries, opening its ports. */
        private void killWhileStarting(long millis) throws IOException, InterruptedException {
            Process process = PackedMirror.launch(folder, upstream.uri(), SETTINGS, environment());
            try {
                assertThat(process.waitFor(millis, TimeUnit.MILLISECONDS))
                        .as("seed %s: it ended by itself", seed)
                        .isFalse();
            } finally {
                process.destroyForcibly().onExit().join();
            }
            store.isSound();
            leavesNothingElse();
        }

        private void leavesNothingElse() throws IOException {
            try (var left = Files.list(temporary)) {
                assertThat(left)
                        .as("seed %s: what is left in the temporary folder", seed)
                        .isEmpty();
            }
        }

        /** Has clients ask for this and that, and kills the mirror once they have had so many bytes. */
        private void loadUntilKilled(PackedMirror mirror, long bytes) throws InterruptedException {
            var had = new AtomicLong();
            var seeds = new ArrayList<Long>();
            for (int client = 0; client < CLIENTS; client++) {
                seeds.add(random.nextLong());
            }
            try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
                var working = seeds.stream()
                        .map(own -> CompletableFuture.runAsync(() -> load(mirror, own, had), clients))
                        .toList();
                await("seed " + seed)
                        .pollInterval(Duration.ofMillis(1))
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> had.get() >= bytes || working.stream().anyMatch(CompletableFuture::isDone));
                mirror.kill();
                CompletableFuture.allOf(working.toArray(CompletableFuture[]::new))
                        .join();
            }
        }

        /** One client: it goes on until the mirror is gone; a wrong byte of a file is an error, a broken connection none. */
        private void load(PackedMirror mirror, long seedOfClient, AtomicLong had) {
            RandomGenerator own = RandomGeneratorFactory.of("L64X128MixRandom").create(seedOfClient);
            while (mirror.isAlive()) {
                Wheel wheel = WHEELS.get(own.nextInt(WHEELS.size()));
                byte[] content = wheel.content();
                try {
                    mirror.page(wheel);
                    had.addAndGet(1_000);
                    try (var reader = FileReader.ask(mirror, fileOf(wheel))) {
                        boolean leaves = own.nextInt(5) == 0;
                        reader.compare(content, leaves ? own.nextInt(1, content.length) : content.length);
                        had.addAndGet(content.length);
                        wholeFiles.addAndGet(leaves ? 0 : 1);
                    }
                } catch (IOException broken) {
                    if (broken instanceof FileReader.WrongBytesException) {
                        throw new AssertionError("seed " + seed + ", " + wheel.filename(), broken);
                    }
                }
            }
        }

        private static String fileOf(Wheel wheel) {
            return "/packages/sha256/" + wheel.digest().hex() + "/" + wheel.filename();
        }

        /** The last mirror serves everything, within its budget, and leaves nothing unfinished. */
        private void afterwards() throws IOException {
            try (var mirror = start()) {
                for (Wheel wheel : WHEELS) {
                    try (var reader = FileReader.ask(mirror, fileOf(wheel))) {
                        reader.compareAll(wheel.content());
                    }
                }
                assertThat(mirror.terminate()).isZero();
                assertThat(mirror.log()).doesNotContain("ERROR");
            }
            assertThat(store.unfinished()).isEmpty();
            store.isSound();
        }
    }
}
