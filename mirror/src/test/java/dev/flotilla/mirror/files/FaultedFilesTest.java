package dev.flotilla.mirror.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.files.FilesUnderTest.Got;
import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.mirror.upstream.ScriptedServer.Reply;
import dev.flotilla.mirror.upstream.ScriptedServer.Request;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultedFilesTest {
    private static final int FOLLOWERS = 5;

    @TempDir
    Path folder;

    /** What is in the store's folder of whole files. */
    private List<Path> blobs() throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("blobs"))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private List<Path> temporary() throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("temporary"))) {
            return all.filter(file -> file.toString().endsWith(".part")).toList();
        }
    }

    private static List<Got> follow(FilesUnderTest files, Sample sample) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Got>> answers = new ArrayList<>();
            for (int i = 0; i < FOLLOWERS; i++) {
                answers.add(threads.submit(() -> files.get(sample.path())));
            }
            var all = new ArrayList<Got>();
            for (Future<Got> answer : answers) {
                all.add(answer.get(60, TimeUnit.SECONDS));
            }
            return all;
        }
    }

    @Test
    void aBodyThatComesAfterItsDownloadEndedIsNotKeptOpen() throws Exception {
        Sample sample = Sample.of(2_000);
        var limits = new FileLimits(
                8,
                100,
                Duration.ofSeconds(10),
                Duration.ofMillis(500),
                1,
                ByteSize.ofGiB(1),
                ByteSize.ofKiB(64),
                ByteSize.ofKiB(64),
                ByteSize.ofKiB(256),
                100,
                100,
                ByteSize.ofKiB(512),
                ByteSize.ofMiB(1),
                ByteSize.ofKiB(128),
                ByteSize.ofMiB(4),
                ByteSize.ofMiB(2));
        var begun = new CountDownLatch(1);
        var blocked = new CountDownLatch(1);
        var disk = new CountDownLatch(1);
        var letGo = new CountDownLatch(1);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    begun.countDown();
                    blocked.await();
                    reply.head(200, "Content-Length: 2000");
                    try {
                        reply.stall();
                    } finally {
                        letGo.countDown();
                    }
                });
                var files = new FilesUnderTest(folder, upstream, limits, ByteSize.ofMiB(400), false);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            Future<Got> answer = threads.submit(() -> files.get(sample.path()));
            begun.await();
            // The disk hangs: every thread of the pool that the store is asked on.
            var workers = files.vertx.createSharedWorkerExecutor("short-file-work", 8);
            for (int i = 0; i < 8; i++) {
                workers.executeBlocking(
                        () -> {
                            disk.await();
                            return true;
                        },
                        false);
            }
            blocked.countDown();
            assertThat(answer.get(10, TimeUnit.SECONDS).status()).isEqualTo(502);
            disk.countDown();
            assertThat(letGo.await(5, TimeUnit.SECONDS))
                    .as("the upstream connection is closed")
                    .isTrue();
        } finally {
            disk.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFaultyUpstreamNeverGivesACompleteWrongFile(Fault fault) throws Exception {
        for (Sample sample : List.of(Sample.of(2_000), Sample.bySha256(500_000))) {
            for (boolean withSize : new boolean[] {true, false}) {
                neverCompleteAndWrong(fault, sample, withSize);
            }
        }
    }

    private void neverCompleteAndWrong(Fault fault, Sample sample, boolean withSize) throws Exception {
        try (var upstream = new ScriptedServer((request, reply) -> fault.answer(request, reply, sample.content()));
                var files = new FilesUnderTest(folder, upstream)) {
            files.offers.put(
                    sample.path(), withSize ? sample.offeredBy(upstream) : sample.offeredWithoutSizeBy(upstream));
            for (Got got : follow(files, sample)) {
                boolean complete = got.status() == 200 && got.whole();
                assertThat(complete).as("%s, size known: %s", fault, withSize).isFalse();
                assertThat(got.status()).isNotEqualTo(404);
            }
            assertThat(blobs()).isEmpty();
            await().untilAsserted(() -> assertThat(temporary()).isEmpty());
            await().until(() -> files.store.blobs().figures().held().bytes() == 0);
            assertThat(files.files.figures()).isEqualTo(new FileService.FileFigures(0, 0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatFailsBeforeAnythingWasSentComesWithTheNextAttempt(Fault fault) throws Exception {
        var sample = Sample.of(3_000);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.number() == 0) {
                        fault.answer(request, reply, sample.content());
                    } else {
                        answer(request, reply, sample.content());
                    }
                });
                var files = new FilesUnderTest(folder, upstream)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            for (Got got : follow(files, sample)) {
                assertThat(got.status()).isEqualTo(200);
                assertThat(got.body()).isEqualTo(sample.content());
            }
            assertThat(upstream.requests()).hasSize(2);
        }
    }

    /** A right answer, with ranges. */
    private static void answer(Request request, Reply reply, byte[] content) throws IOException {
        String range = request.header("range");
        if (range.isEmpty()
                || (!request.header("if-range").isEmpty()
                        && !request.header("if-range").equals("\"v1\""))) {
            reply.whole(200, content, "ETag: \"v1\"");
            return;
        }
        int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
        reply.whole(
                206,
                Arrays.copyOfRange(content, from, content.length),
                "ETag: \"v1\"",
                "Content-Range: bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ranges", "no ranges"})
    void aDownloadThatBreaksOffGoesOnAndFollowersDoNotNotice(String upstreamHas) throws Exception {
        var sample = Sample.of(1_000_000);
        boolean ranges = upstreamHas.equals("ranges");
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.number() == 0) {
                        reply.head(200, "ETag: \"v1\"", "Content-Length: " + sample.content().length);
                        reply.body(Arrays.copyOf(sample.content(), 400_000));
                        throw reply.cut();
                    } else if (ranges) {
                        answer(request, reply, sample.content());
                    } else {
                        reply.whole(200, sample.content());
                    }
                });
                var files = new FilesUnderTest(folder, upstream)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            for (Got got : follow(files, sample)) {
                assertThat(got.status()).isEqualTo(200);
                assertThat(got.body()).isEqualTo(sample.content());
            }
            assertThat(upstream.requests()).hasSize(2);
            assertThat(upstream.requests().getLast().header("range")).matches("bytes=[1-9][0-9]{4,5}-");
            assertThat(upstream.requests().getLast().header("if-range")).isEqualTo("\"v1\"");
        }
    }

    @Test
    void anotherFileInPlaceOfTheRestIsNeverJoined() throws Exception {
        var sample = Sample.of(1_000_000);
        byte[] other = Sample.content(999_999);
        byte[] wrong = Arrays.copyOf(other, 1_000_000);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.number() == 0) {
                        reply.head(200, "ETag: \"v1\"", "Content-Length: " + sample.content().length);
                        reply.body(Arrays.copyOf(sample.content(), 400_000));
                        throw reply.cut();
                    } else {
                        reply.whole(200, wrong, "ETag: \"v2\"");
                    }
                });
                var files = new FilesUnderTest(folder, upstream)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            for (Got got : follow(files, sample)) {
                assertThat(got.status() == 200 && got.whole()).isFalse();
            }
            assertThat(blobs()).isEmpty();
        }
    }

    @Test
    void aFileThatIsGoneIsUnknownAndAFileThatCannotBeHadIsNot() throws Exception {
        var sample = Sample.of(3_000);
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(404, new byte[0]));
                var files = new FilesUnderTest(folder, upstream)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            assertThat(files.get(sample.path()).status()).isEqualTo(404);
            files.offers.put(sample.path(), new FileOffer.Unknowable("the page could not be had"));
            assertThat(files.get(sample.path()).status()).isEqualTo(502);
            files.offers.put(sample.path(), new FileOffer.Withheld("quarantined"));
            assertThat(files.get(sample.path()).status()).isEqualTo(404);
            files.offers.remove(sample.path());
            assertThat(files.get(sample.path()).status()).isEqualTo(404);
        }
    }

    @Test
    void anAllowedFileThatRedirectsOutsideOpensNoConnectionThere() throws Exception {
        var sample = Sample.of(3_000);
        try (var canary = ScriptedServer.canary();
                var upstream = new ScriptedServer(
                        (request, reply) -> reply.whole(302, new byte[0], "Location: " + canary.at("/harbour.whl")));
                var files = new FilesUnderTest(folder, upstream)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            assertThat(files.get(sample.path()).status()).isEqualTo(502);
            files.offers.put(sample.path(), sample.offeredBy(canary));
            assertThat(files.get(sample.path()).status()).isEqualTo(502);
            assertThat(canary.connections()).isZero();
        }
    }
}
