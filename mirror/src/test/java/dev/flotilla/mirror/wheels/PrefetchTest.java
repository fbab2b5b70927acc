package dev.flotilla.mirror.wheels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.files.Ahead;
import dev.flotilla.mirror.policy.NamePatterns;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.upstream.UpstreamIndex;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.NamePattern;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefetchTest {
    private static final String PLATFORM = "debian-12-x86_64";

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();

    private record Asked(FilePath path, long nanos) {}

    private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static PrefetchSettings settings(ByteSize budget, int parallel, ByteSize rate) {
        return new PrefetchSettings(
                NamePatterns.of(List.of(new NamePattern("*"))),
                Set.of(),
                budget,
                80,
                parallel,
                rate,
                Duration.ofMinutes(1));
    }

    private static String entry(String version, int size, String uploaded, String own) {
        String name = "sample-" + version + "-py3-none-any.whl";
        return """
                {"filename": "%s", "url": "sample/%s", "hashes": {"sha256": "%s"}, "size": %d, "upload-time": "%s",
                 "core-metadata": {"sha256": "%s"}, "_flotilla": {%s}}""".formatted(
                name, name, Sha256.of(name.getBytes(StandardCharsets.UTF_8)), size, uploaded, "b".repeat(64), own);
    }

    private Wheelhouse wheels(String... entries) throws IOException {
        var text = WheelIndexText.of(PLATFORM);
        for (String entry : entries) {
            text = text.withFile("sample", entry);
        }
        Files.writeString(Files.createDirectories(folder.resolve(PLATFORM)).resolve("index.json"), text.text());
        var source = new UpstreamIndex(
                "wheelhouse", URI.create("http://127.0.0.1:1/wheels/"), List.of(), Optional.empty(), Optional.empty());
        var wheels = new Wheelhouse(
                Optional.of(new WheelSettings(
                        Optional.of(folder),
                        source,
                        WheelSettings.LARGEST_INDEX,
                        WheelSettings.LOOK,
                        WheelSettings.LIFETIME,
                        Optional.empty())),
                Optional.empty());
        wheels.look();
        return wheels;
    }

    private Prefetch prefetch(PrefetchSettings settings, Wheelhouse wheels, Function<FilePath, Future<Ahead>> files) {
        return new Prefetch(
                vertx,
                settings,
                wheels,
                path -> {
                    asked.add(new Asked(path, System.nanoTime()));
                    return files.apply(path);
                },
                new SimpleMeterRegistry());
    }

    private List<String> versions() {
        return asked.stream()
                .map(one -> one.path().path().replaceAll(".*sample-([0-9.]+)-py3.*", "$1"))
                .toList();
    }

    @Test
    void theNewestThatSomebodyNeedsComeFirstAndNoMoreThanTheBudgetHasRoomFor() throws IOException {
        var wheels = wheels(
                entry("1.0", 400, "2026-02-01T00:00:00Z", ""),
                entry("1.1", 700, "2026-02-02T00:00:00Z", ""),
                entry("1.2", 300, "2026-02-03T00:00:00Z", ""),
                entry("1.3", 100, "2026-02-04T00:00:00Z", "\"unused-since\": \"2026-02-05T00:00:00Z\""));
        try (var prefetch = prefetch(
                settings(new ByteSize(700), 1, ByteSize.ofMiB(1)),
                wheels,
                path -> Future.succeededFuture(new Ahead.Here()))) {
            prefetch.look();
            await().atMost(Duration.ofSeconds(60)).until(() -> versions().equals(List.of("1.2", "1.0")));
        }
    }

    @Test
    void noMoreAreFetchedAtOnceThanMayBe() throws IOException {
        var wheels = wheels(
                entry("1.0", 1, "2026-02-01T00:00:00Z", ""),
                entry("1.1", 1, "2026-02-02T00:00:00Z", ""),
                entry("1.2", 1, "2026-02-03T00:00:00Z", ""));
        Queue<Promise<Ahead>> running = new ConcurrentLinkedQueue<>();
        try (var prefetch = prefetch(settings(ByteSize.ofMiB(1), 2, ByteSize.ofMiB(1)), wheels, path -> {
            Promise<Ahead> promise = Promise.promise();
            running.add(promise);
            return promise.future();
        })) {
            prefetch.look();
            await().atMost(Duration.ofSeconds(60)).until(() -> running.size() == 2);
            running.element().complete(new Ahead.Here());
            await().atMost(Duration.ofSeconds(60)).until(() -> running.size() == 3);
            assertThat(versions()).containsExactly("1.2", "1.1", "1.0");
        }
    }

    @Test
    void whatClientsWaitForIsWaitedForAndTheRateIsKept() throws IOException {
        var wheels = wheels(entry("1.0", 1, "2026-02-01T00:00:00Z", ""), entry("1.1", 1, "2026-02-02T00:00:00Z", ""));
        try (var prefetch = prefetch(
                settings(ByteSize.ofMiB(1), 1, ByteSize.ofKiB(2)),
                wheels,
                path -> Future.succeededFuture(asked.size() == 1 ? new Ahead.Busy() : new Ahead.Come(3_072)))) {
            prefetch.look();
            await().atMost(Duration.ofSeconds(60)).until(() -> asked.size() == 3);
            assertThat(versions()).containsExactly("1.1", "1.1", "1.0");
            long[] nanos = asked.stream().mapToLong(Asked::nanos).toArray();
            assertThat(Duration.ofNanos(nanos[2] - nanos[1]))
                    .as("3 KiB at 2 KiB in a second")
                    .isGreaterThan(Duration.ofMillis(1_400));
        }
    }
}
