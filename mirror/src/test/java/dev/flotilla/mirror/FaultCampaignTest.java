package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of small files from an upstream where something goes wrong with nearly every answer: at every boundary of a block,
 * one after the other, in every framing. No client ever has a complete wrong file, whether it begins anew or goes on where it was cut off,
 * and each has the right one in the end. {@code -Dflotilla.faults=N} has N files, {@code -Dflotilla.seed=N} other
 * ones.
 */
class FaultCampaignTest {
    private static final int DOWNLOADS = Integer.getInteger("flotilla.faults", 10_000);
    private static final long SEED = Long.getLong("flotilla.seed", 20_261);
    private static final int AT_ONCE = 64;

    @TempDir
    private Path folder;

    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong resumed = new AtomicLong();
    private final AtomicLong restarted = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    @Test
    void everyDisturbedDownloadIsRightOrVisiblyFailedAndRightInTheEnd() throws Exception {
        campaign(SEED, DOWNLOADS);
    }

    @Test
    @Tag("campaign")
    void soItIsWithManyMoreSeeds() throws Exception {
        for (int round = 1; round <= 10; round++) {
            campaign(SEED + round, 20_000);
        }
    }

    private void campaign(long seed, int downloads) throws Exception {
        Path store = folder.resolve("store-" + seed);
        try (var upstream = new FaultyIndex(seed, downloads);
                var mirror = RunningMirror.start(upstream.index(), store, new MovableClock(), """
                        outbound {
                          idle-time-out = 300ms, retries = 0, connections-per-host = 64
                          care { retry-percent = 100, retry-burst = 100000, circuit-failures = 100000 }
                        }
                        files { hold-back = 1 KiB, chunk = 1 KiB, intake-buffer = 1 KiB, concurrent-downloads = 64 }
                        workers { short = 16, long = 16 }
                        """)) {
            assertThat(mirror.get("/simple/fleet/").statusCode()).isEqualTo(200);
            fetchAll(upstream.samples(), mirror.port());
            assertThat(wrong).as("with -Dflotilla.seed=" + seed).isEmpty();
            await().until(() -> mirror.followers() == 0);
            requireOnlyRightFiles(store);
        }
        // A campaign in which nothing went wrong shows nothing.
        assertThat(failures.get()).as("visible failures").isGreaterThan(downloads / 20);
        assertThat(resumed.get()).as("rests").isPositive();
        assertThat(restarted.get()).as("whole files in place of rests").isPositive();
    }

    private void fetchAll(List<FaultyIndex.Sample> samples, int port) throws Exception {
        var places = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < samples.size(); i++) {
                FaultyIndex.Sample sample = samples.get(i);
                int clients = 1 + i % 4 / 3;
                for (int client = 0; client < clients; client++) {
                    boolean goesOn = (i + client) % 2 == 0;
                    int leavesAfter = i % 5 == 0 ? sample.content().length / 2 : -1;
                    places.acquire();
                    running.add(threads.submit(() -> {
                        try {
                            fetch(sample, port, goesOn, leavesAfter);
                        } catch (IOException | RuntimeException | AssertionError failed) {
                            wrong.add(sample + (goesOn ? ", going on: " : ": ") + failed);
                        } finally {
                            places.release();
                        }
                    }));
                }
            }
            for (Future<?> done : running) {
                done.get();
            }
        }
    }

    private void fetch(FaultyIndex.Sample sample, int port, boolean goesOn, int leavesAfter) throws IOException {
        var client = new PatientClient(port, sample.path(), goesOn, leavesAfter);
        // Every disturbance fails one request at most, and one more for each that went past it unharmed.
        byte[] got = client.fetch(2 * sample.disturbances() + 5);
        failures.addAndGet(client.failures());
        resumed.addAndGet(client.resumed());
        restarted.addAndGet(client.restarted());
        if (!Arrays.equals(got, sample.content())) {
            wrong.add(sample + ": a complete wrong file of " + got.length + " bytes");
        }
    }

    private static void requireOnlyRightFiles(Path store) throws IOException {
        Path blobs = store.resolve("blobs");
        try (Stream<Path> all = Files.walk(blobs)) {
            List<Path> files = all.filter(Files::isRegularFile).toList();
            assertThat(files).isNotEmpty();
            for (Path file : files) {
                String name = blobs.relativize(file).toString().replace("/", "");
                assertThat(Sha256.of(Files.readAllBytes(file)).hex()).isEqualTo(name);
            }
        }
        await().untilAsserted(() -> {
            try (Stream<Path> unfinished = Files.walk(store.resolve("temporary"))) {
                assertThat(unfinished.filter(file -> file.toString().endsWith(".part")))
                        .isEmpty();
            }
        });
    }
}
