package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand clients ask for one cold file of 50 MiB at once, as when a new release of something large comes out. It breaks
 * when a download belongs to the client that asked first, when clients get their bytes through the heap or have more
 * than one chunk waiting, when one that reads slowly holds up others, or when a second download is begun.
 */
class ThousandClientsIT {
    private static final int CLIENTS = 1_000;

    /** Those that take nothing until all the others have everything. */
    private static final int SLOW = 20;

    private static final int CLIENTS_BEFORE = 50;
    private static final long MOST_GROWTH = 100L << 20;
    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final Wheel LARGE = Wheel.of("flotilla-test-thousand", "1.0", 50 << 20);
    private static final Wheel SMALL = Wheel.of("flotilla-test-thousand-before", "1.0", 16 << 20);

    @Test
    void aThousandClientsOfAColdFileCauseOneFetchAndTakeHardlyAnyMemory(@TempDir Path folder) throws IOException {
        var rest = new CountDownLatch(1);
        var begun = new CountDownLatch(CLIENTS);
        var fastAreDone = new CountDownLatch(CLIENTS - SLOW);
        byte[] content = LARGE.content();
        try (var upstream = CountingIndex.of(LARGE, SMALL);
                var mirror = PackedMirror.start(
                        folder,
                        upstream.uri(),
                        "http { write-time-out = 20 m, idle-time-out = 30 m, hand-over-limit = 40 m }");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                warmUp(mirror, threads);
                String path = mirror.fileOf(LARGE);
                upstream.holdAfter(1 << 20, rest);
                long before = mirror.residentBytes();
                mirror.forgetPeak();
                try (var first = FileReader.ask(mirror, path)) {
                    first.compare(content, 1);
                }

                List<CompletableFuture<Void>> clients = IntStream.range(0, CLIENTS)
                        .mapToObj(client -> CompletableFuture.runAsync(
                                () -> {
                                    boolean slow = client < SLOW;
                                    try (var reader = slow
                                            ? FileReader.askWithSmallBuffer(mirror, path)
                                            : FileReader.ask(mirror, path)) {
                                        reader.compare(content, 1);
                                        begun.countDown();
                                        if (slow) {
                                            fastAreDone.await();
                                        }
                                        reader.compareAll(content);
                                        fastAreDone.countDown();
                                    } catch (IOException | InterruptedException failed) {
                                        throw new AssertionError("client " + client, failed);
                                    }
                                },
                                threads))
                        .toList();
                Predicate<CompletableFuture<Void>> failed = CompletableFuture::isCompletedExceptionally;
                await("a thousand clients to have the first byte")
                        .atMost(LONGEST)
                        .until(() -> begun.getCount() == 0 || clients.stream().anyMatch(failed));
                rest.countDown();
                await("every client to have the whole file")
                        .atMost(LONGEST)
                        .until(() -> clients.stream().allMatch(CompletableFuture::isDone)
                                || clients.stream().anyMatch(failed));

                assertThat(clients).noneMatch(failed);
                assertThat(upstream.requests("/files/" + LARGE.filename())).isEqualTo(1);
                assertThat(mirror.peakBytes() - before)
                        .as("growth of the mirror's memory from %s MiB", before >> 20)
                        .isLessThan(MOST_GROWTH);
            } finally {
                rest.countDown();
                IntStream.range(0, CLIENTS).forEach(client -> fastAreDone.countDown());
            }
        }
    }

    /** What the first busy minute costs a program, compiling itself above all, is not what a thousand clients cost. */
    private static void warmUp(PackedMirror mirror, Executor threads) {
        String path = mirror.fileOf(SMALL);
        byte[] content = SMALL.content();
        CompletableFuture.allOf(IntStream.range(0, CLIENTS_BEFORE)
                        .mapToObj(client -> CompletableFuture.runAsync(
                                () -> {
                                    try (var reader = FileReader.ask(mirror, path)) {
                                        reader.compareAll(content);
                                    } catch (IOException failed) {
                                        throw new UncheckedIOException(failed);
                                    }
                                },
                                threads))
                        .toArray(CompletableFuture[]::new))
                .join();
    }
}
