package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mirrors replace each other at one port while clients go on asking. It breaks when a listening socket is closed while
 * somebody waits in its queue, when an idle connection is closed, when a new mirror accepts before it can answer, or when
 * the old one ends before its last answer.
 */
class ReplacedMirrorIT {
    private static final int REPLACEMENTS = 12;
    private static final int CLIENTS = 3;

    /** So many answers between two replacements. */
    private static final long ANSWERS = 300;

    /** The upstream holds a file back for as long as all replacements take. */
    private static final String PATIENT = "outbound.idle-time-out = 5m, http.idle-time-out = 6m";

    private static final Pattern KEEPS =
            Pattern.compile("^flotilla_mirror_store_keeper(\\{.*})? 1\\.0$", Pattern.MULTILINE);

    private static final int HELD_AFTER = 3 << 20;
    private static final Wheel HELD = Wheel.of("flotilla-test-held", "1.0", 4 << 20);
    private static final Wheel LARGE = Wheel.of("flotilla-test-large", "1.0", 2 << 20);

    /** Enough for some that nobody has asked for yet in every round. */
    private static final List<Wheel> WHEELS = IntStream.range(0, 150)
            .mapToObj(i -> Wheel.of("flotilla-test-replaced-" + i, "1.0", 3_000 + i * 700))
            .toList();

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong answers = new AtomicLong();
    private final List<PackedMirror> mirrors = new ArrayList<>();
    private final List<PackedMirror> refused = new ArrayList<>();
    private final CountDownLatch held = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean over;
    private volatile int known = 1;
    private CountingIndex upstream;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() {
        var wheels = new ArrayList<>(WHEELS);
        wheels.add(HELD);
        wheels.add(LARGE);
        upstream = CountingIndex.of(wheels.toArray(Wheel[]::new));
        upstream.holdAfter(HELD_AFTER, held);
        mirrors.add(PackedMirror.start(folder, upstream.uri(), PATIENT));
    }

    @AfterEach
    void end() {
        over = true;
        held.countDown();
        mirrors.forEach(PackedMirror::close);
        refused.forEach(PackedMirror::close);
        threads.close();
        upstream.close();
    }

    private static String fileOf(Wheel wheel) {
        return "/packages/sha256/" + wheel.digest().hex() + "/" + wheel.filename();
    }

    @Test
    void noRequestIsLostWhileMirrorsReplaceEachOther() throws Exception {
        PackedMirror first = mirrors.getFirst();
        page(first.port(), LARGE);
        try (var waiting = FileReader.ask(first, page(first.port(), HELD));
                var idle = new KeptConnection(first.port())) {
            waiting.compare(HELD.content(), 1 << 20);
            assertThat(idle.get("/readyz", "").status()).isEqualTo(200);
            for (int client = 0; client < CLIENTS; client++) {
                long seed = client;
                go(() -> keptConnections(first.port(), seed));
                go(() -> newConnections(first.port(), seed + 100));
            }
            go(() -> probes(first.operations("/readyz").getPort()));
            var readers = new ArrayList<FileReader>();
            for (int replacement = 1; replacement <= REPLACEMENTS; replacement++) {
                var reader = FileReader.askWithSmallBuffer(first, fileOf(LARGE));
                readers.add(reader);
                reader.compare(LARGE.content(), 1 << 10);
                replace(replacement);
                // Who reads slowly is with one mirror until several others have come and gone.
                for (int i = Math.max(0, replacement - 4); i < readers.size() - 1; i++) {
                    readers.get(i).compare(LARGE.content(), 100 << 10);
                }
                if (replacement >= 4) {
                    readers.get(replacement - 4).compareAll(LARGE.content());
                    readers.get(replacement - 4).close();
                }
            }
            over = true;
            assertThat(first.isAlive()).as("it still has connections").isTrue();
            var lastOfFirst = idle.get("/simple/" + LARGE.project() + "/", "");
            assertThat(lastOfFirst.status()).isEqualTo(200);
            assertThat(idle.isOver()).isTrue();
            held.countDown();
            waiting.compareAll(HELD.content());
            for (var reader : readers.subList(REPLACEMENTS - 3, REPLACEMENTS)) {
                reader.compareAll(LARGE.content());
                reader.close();
            }
        }
        assertThat(failures).isEmpty();
        PackedMirror last = mirrors.getLast();
        var ended = new ArrayList<>(mirrors.subList(0, REPLACEMENTS));
        ended.addAll(refused);
        assertThat(refused).isNotEmpty();
        for (PackedMirror before : ended) {
            await().atMost(Duration.ofSeconds(60)).until(() -> !before.isAlive());
            assertThat(before.exitCode()).isZero();
            assertThat(before.log()).doesNotContain("ERROR");
        }
        await().until(() -> KEEPS.matcher(metrics(last)).find());
        assertThat(last.terminate()).isZero();
        var store = new StoreCheck(folder.resolve("store"));
        store.isSound();
        assertThat(store.unfinished()).isEmpty();
        assertThat(store.blobs()).hasSizeGreaterThan(REPLACEMENTS);
    }

    /** The next mirror, told to take over, or on trial, whereupon the one before is ended. */
    private void replace(int number) {
        await().atMost(Duration.ofSeconds(60)).until(() -> answers.get() >= number * ANSWERS || !failures.isEmpty());
        assertThat(failures).isEmpty();
        known = Math.min(WHEELS.size(), 1 + number * WHEELS.size() / REPLACEMENTS);
        PackedMirror before = mirrors.getLast();
        boolean onTrial = number % 3 == 0;
        var next = PackedMirror.successor(
                folder,
                "mirror-" + number + ".log",
                onTrial ? List.of("--take-over", "--on-trial") : List.of("--take-over"));
        mirrors.add(next);
        assertThat(next.port()).isEqualTo(before.port());
        if (onTrial) {
            assertThat(before.isAlive()).isTrue();
            if (number % 2 == 0) {
                // One that isn't good enough goes in peace, and the one before serves on.
                next.askToEnd();
                refused.add(next);
                mirrors.removeLast();
                await().atMost(Duration.ofSeconds(60)).until(() -> before.log().contains("this one serves again"));
                mirrors.add(PackedMirror.successor(folder, "mirror-" + number + "-again.log", List.of("--take-over")));
            } else {
                before.askToEnd();
            }
        }
    }

    @Test
    void aStrangersMirrorOnTheSamePortIsRefused() throws IOException {
        PackedMirror serving = mirrors.getFirst();
        String place = "listen.port = " + serving.port();
        for (var arguments : List.of(List.<String>of(), List.of("--take-over"))) {
            Path strange = Files.createDirectory(folder.resolve("strange" + arguments.size()));
            assertThatThrownBy(() -> PackedMirror.start(strange, upstream.uri(), place, arguments))
                    .hasMessageContaining("port " + serving.port() + " on 127.0.0.1 is in use");
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private void go(Work work) {
        threads.execute(() -> {
            try {
                work.run();
            } catch (IOException | RuntimeException | AssertionError failed) {
                failures.add(failed);
            }
        });
    }

    private void keptConnections(int port, long seed) throws IOException {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        while (!over) {
            try (var connection = new KeptConnection(port)) {
                while (!over && !connection.isOver()) {
                    ask(connection, random);
                }
            }
        }
    }

    private void newConnections(int port, long seed) throws IOException {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        while (!over) {
            try (var connection = new KeptConnection(port)) {
                ask(connection, random);
            }
        }
    }

    private void probes(int operations) throws IOException {
        while (!over) {
            try (var connection = new KeptConnection(operations)) {
                for (int probe = 0; probe < 3 && !connection.isOver(); probe++) {
                    var answer = connection.get("/readyz", "");
                    assertThat(answer.status()).as(answer.head()).isEqualTo(200);
                }
            }
        }
    }

    private void ask(KeptConnection connection, RandomGenerator random) throws IOException {
        Wheel wheel = WHEELS.get(random.nextInt(known));
        byte[] content = wheel.content();
        switch (random.nextInt(3)) {
            case 0 -> {
                var page = connection.get("/simple/" + wheel.project() + "/", "");
                assertThat(page.status()).as(page.head()).isEqualTo(200);
                assertThat(new String(page.body(), StandardCharsets.UTF_8)).contains(wheel.filename());
            }
            case 1 -> {
                connection.get("/simple/" + wheel.project() + "/", "");
                if (!connection.isOver()) {
                    var file = connection.get(fileOf(wheel), "");
                    assertThat(file.status()).as(file.head()).isEqualTo(200);
                    assertThat(Arrays.equals(file.body(), content)).isTrue();
                }
            }
            default -> {
                connection.get("/simple/" + wheel.project() + "/", "");
                if (!connection.isOver()) {
                    int from = random.nextInt(content.length);
                    var part = connection.get(fileOf(wheel), "Range: bytes=" + from + "-\r\n");
                    assertThat(part.status()).as(part.head()).isEqualTo(206);
                    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, from, content.length));
                }
            }
        }
        answers.incrementAndGet();
    }

    /** Asks for the page of the wheel's project, as who wants its file does first. Answers the file's path. */
    private static String page(int port, Wheel wheel) throws IOException {
        try (var connection = new KeptConnection(port)) {
            assertThat(connection.get("/simple/" + wheel.project() + "/", "").status())
                    .isEqualTo(200);
        }
        return fileOf(wheel);
    }

    private static String metrics(PackedMirror mirror) throws IOException {
        try (var connection = new KeptConnection(mirror.operations("/").getPort())) {
            return new String(connection.get("/metrics", "").body(), StandardCharsets.UTF_8);
        }
    }
}
