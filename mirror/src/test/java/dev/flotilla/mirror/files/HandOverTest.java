package dev.flotilla.mirror.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.files.FilesUnderTest.Got;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a download goes on after an attempt that failed, who shares it, and how long anybody waits. */
@Timeout(60)
class HandOverTest {
    private static final int LENGTH = 1_000_000;

    @TempDir
    Path folder;

    private static FileLimits limits(int downloads, Duration open, ByteSize largest) {
        return new FileLimits(
                downloads,
                100,
                open,
                Duration.ofSeconds(20),
                3,
                largest,
                ByteSize.ofKiB(64),
                ByteSize.ofKiB(64),
                ByteSize.ofKiB(256),
                10_000,
                100,
                ByteSize.ofKiB(512),
                ByteSize.ofMiB(1),
                ByteSize.ofKiB(128),
                ByteSize.ofMiB(4),
                ByteSize.ofMiB(2));
    }

    private FilesUnderTest files(ScriptedServer upstream) throws Exception {
        return FilesUnderTest.patient(folder, upstream);
    }

    private static byte[] chunk(byte[] bytes) {
        byte[] size = (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] chunk = Arrays.copyOf(size, size.length + bytes.length + 2);
        System.arraycopy(bytes, 0, chunk, size.length, bytes.length);
        chunk[chunk.length - 2] = '\r';
        chunk[chunk.length - 1] = '\n';
        return chunk;
    }

    @Test
    void twoNamesOfOneFileAreOneDownload() throws Exception {
        var sample = Sample.of(LENGTH);
        var other = Sample.of(sample.content(), "harbour-1.0-py2-none-any.whl");
        var bothFollow = new CountDownLatch(1);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    reply.head(200, "Content-Length: " + LENGTH);
                    reply.body(Arrays.copyOf(sample.content(), 400_000));
                    bothFollow.await();
                    reply.body(Arrays.copyOfRange(sample.content(), 400_000, LENGTH));
                });
                var files = files(upstream);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            files.offers.put(other.path(), other.offeredBy(upstream));
            Future<Got> first = threads.submit(() -> files.get(sample.path()));
            await().until(() -> files.files.figures().followers() == 1);
            Future<Got> second = threads.submit(() -> files.get(other.path()));
            await().until(() -> files.files.figures().followers() == 2);
            bothFollow.countDown();
            assertThat(first.get(20, TimeUnit.SECONDS).body()).isEqualTo(sample.content());
            assertThat(second.get(20, TimeUnit.SECONDS).body()).isEqualTo(sample.content());
            assertThat(files.get(other.path()).kind())
                    .as("both paths are known now")
                    .isEqualTo("HIT");
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    /** The path of the second carries a digest that the first doesn't promise: it is verified before it is believed. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPathThatPromisesMoreWaitsForTheSameBytesAndIsVerified(boolean right) throws Exception {
        var sample = Sample.bySha256(LENGTH);
        FilePath more = right
                ? Sample.of(sample.content(), "harbour-1.0-py3-none-any.whl").path()
                : Sample.of(5).path();
        var bothAsked = new CountDownLatch(1);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    bothAsked.await();
                    reply.whole(200, sample.content());
                });
                var files = files(upstream);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var offer = sample.offeredBy(upstream);
            files.offers.put(sample.path(), offer);
            files.offers.put(more, offer);
            Future<Got> first = threads.submit(() -> files.get(sample.path()));
            await().until(() -> upstream.requests().size() == 1);
            Future<Got> second = threads.submit(() -> files.get(more));
            await().until(() -> files.asked.get() == 2);
            bothAsked.countDown();
            assertThat(first.get(20, TimeUnit.SECONDS).body()).isEqualTo(sample.content());
            Got got = second.get(20, TimeUnit.SECONDS);
            assertThat(got.status()).isEqualTo(right ? 200 : 502);
            if (right) {
                assertThat(got.body()).isEqualTo(sample.content());
            } else {
                assertThat(files.get(more).status())
                        .as("nor is it believed once the file is stored")
                        .isEqualTo(502);
            }
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    @Test
    void whoWaitedForTheSameBytesInVainFetchesThemHimself() throws Exception {
        var sample = Sample.bySha256(LENGTH);
        var more = Sample.of(sample.content(), "harbour-1.0-py3-none-any.whl");
        var bothAsked = new CountDownLatch(1);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.target().contains("sha256")) {
                        bothAsked.await();
                        reply.whole(403, new byte[0]);
                    } else {
                        reply.whole(200, sample.content());
                    }
                });
                var files = files(upstream);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            files.offers.put(more.path(), more.offeredBy(upstream));
            Future<Got> first = threads.submit(() -> files.get(sample.path()));
            await().until(() -> upstream.requests().size() == 1);
            Future<Got> second = threads.submit(() -> files.get(more.path()));
            await().until(() -> files.asked.get() == 2);
            bothAsked.countDown();
            assertThat(first.get(20, TimeUnit.SECONDS).status()).isEqualTo(502);
            assertThat(second.get(20, TimeUnit.SECONDS).body()).isEqualTo(sample.content());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shorter", "another bit"})
    void aStoredFileThatTheDiskHasSpoiltIsFetchedAgainForAnotherPath(String damage) throws Exception {
        var sample = Sample.bySha256(3_000);
        var other = Sample.of(sample.content(), "harbour-1.0-py3-none-any.whl");
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(200, sample.content()));
                var files = files(upstream)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            files.offers.put(other.path(), other.offeredBy(upstream));
            assertThat(files.get(sample.path()).status()).isEqualTo(200);
            String digest = sample.sha256().hex();
            Path blob = folder.resolve("blobs").resolve(digest.substring(0, 2)).resolve(digest.substring(2));
            assertThat(Files.size(blob)).isEqualTo(3_000);
            try (var channel = FileChannel.open(blob, StandardOpenOption.WRITE)) {
                if (damage.equals("shorter")) {
                    channel.truncate(2_999);
                } else {
                    channel.write(ByteBuffer.wrap(new byte[] {(byte) (sample.content()[7] ^ 1)}), 7);
                }
            }
            assertThat(files.get(other.path()).body()).isEqualTo(sample.content());
            assertThat(files.get(sample.path()).body()).isEqualTo(sample.content());
            assertThat(files.get(other.path()).body()).isEqualTo(sample.content());
            assertThat(upstream.requests()).hasSize(2);
        }
    }

    @Test
    void aFileThatHadBegunToComeAndIsThenSaidToBeAbsentIsNot404() throws Exception {
        var sample = Sample.of(3_000);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.number() == 0) {
                        reply.head(200, "Content-Length: 3000");
                        reply.body(Arrays.copyOf(sample.content(), 1_000));
                        throw reply.cut();
                    }
                    reply.whole(404, new byte[0]);
                });
                var files = files(upstream)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            assertThat(files.get(sample.path()).status()).isEqualTo(502);
            assertThat(upstream.requests()).hasSize(2);
        }
    }

    @Test
    void whatIsAllHereWhenTheConnectionBreaksIsNotAskedForAgain() throws Exception {
        var sample = Sample.of(LENGTH);
        var allIsHere = new CountDownLatch(1);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    reply.head(200, "Transfer-Encoding: chunked");
                    reply.body(chunk(sample.content()));
                    allIsHere.await();
                    throw reply.cut();
                });
                var files = files(upstream);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            Future<Got> got = threads.submit(() -> files.get(sample.path()));
            await().until(() ->
                    files.meters.get("flotilla.downloads.bytes").counter().count() == LENGTH);
            allIsHere.countDown();
            assertThat(got.get(20, TimeUnit.SECONDS).body()).isEqualTo(sample.content());
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    @Test
    void whatIsAllHereAlthoughNobodySaidSoIsTakenWhenNothingIsBehindIt() throws Exception {
        var sample = Sample.of(LENGTH);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.number() == 0) {
                        reply.head(200, "Transfer-Encoding: chunked", "ETag: \"v1\"");
                        reply.body(chunk(sample.content()));
                        throw reply.cut();
                    }
                    assertThat(request.header("range")).isEqualTo("bytes=" + LENGTH + "-");
                    reply.whole(416, new byte[0], "Content-Range: bytes */" + LENGTH);
                });
                var files = files(upstream)) {
            files.offers.put(sample.path(), sample.offeredWithoutSizeBy(upstream));
            Got got = files.get(sample.path());
            assertThat(got.whole()).isTrue();
            assertThat(got.body()).isEqualTo(sample.content());
            assertThat(upstream.requests()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"another range", "refused range", "refused range of more", "refused range of less"})
    void anUpstreamThatCannotGoOnIsAskedForTheWhole(String answer) throws Exception {
        var sample = Sample.of(LENGTH);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.number() == 0) {
                        boolean sized = !answer.contains(" of ");
                        reply.head(200, sized ? "Content-Length: " + LENGTH : "Transfer-Encoding: chunked");
                        byte[] part = Arrays.copyOf(sample.content(), 400_000);
                        reply.body(sized ? part : chunk(part));
                        throw reply.cut();
                    } else if (request.header("range").isEmpty()) {
                        reply.whole(200, sample.content());
                    } else {
                        refuse(answer, sample, reply);
                    }
                });
                var files = files(upstream)) {
            files.offers.put(sample.path(), sample.offeredWithoutSizeBy(upstream));
            assertThat(files.get(sample.path()).body()).isEqualTo(sample.content());
            assertThat(upstream.requests()).hasSize(3);
        }
    }

    private static void refuse(String answer, Sample sample, ScriptedServer.Reply reply) throws IOException {
        switch (answer) {
            case "another range" ->
                reply.whole(206, sample.content(), "Content-Range: bytes 0-" + (LENGTH - 1) + "/" + LENGTH);
            case "refused range of more" -> reply.whole(416, new byte[0], "Content-Range: bytes */" + LENGTH);
            case "refused range of less" -> reply.whole(416, new byte[0], "Content-Range: bytes */399999");
            default -> reply.whole(416, new byte[0]);
        }
    }

    @Test
    void aFileAboveTheLimitIsNoLieOfTheOneWhoHasIt() throws Exception {
        var sample = Sample.of(2_000_000);
        var small = Sample.of(1_000);
        var limits = limits(8, Duration.ofSeconds(10), ByteSize.ofMiB(1));
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.number() == 0) {
                        reply.head(200, "Transfer-Encoding: chunked");
                        reply.body(chunk(sample.content()));
                        reply.body(chunk(new byte[0]));
                    } else {
                        reply.whole(200, small.content());
                    }
                });
                var files = new FilesUnderTest(folder, upstream, limits, ByteSize.ofMiB(400), false)) {
            files.offers.put(sample.path(), sample.offeredWithoutSizeBy(upstream));
            files.offers.put(small.path(), small.offeredBy(upstream));
            assertThat(files.get(sample.path()).whole()).isFalse();
            assertThat(upstream.requests())
                    .as("there is no sense in asking again")
                    .hasSize(1);
            assertThat(files.meters.find("flotilla.upstream.ejections").counters())
                    .as("the address is not put aside")
                    .allSatisfy(counter -> assertThat(counter.count()).isZero());
            assertThat(files.get(small.path()).body()).isEqualTo(small.content());
        }
    }

    /** Two wait for the only turn. An answer that is too slow for both takes it, and both are gone when it is free again. */
    @Test
    void whoGoesPastTheStoreIsAnsweredInTimeAndTakesNoTurnWithHim() throws Exception {
        var sample = Sample.of(3_000_000);
        var limits = limits(1, Duration.ofSeconds(1), ByteSize.ofGiB(1));
        var bothWait = new CountDownLatch(1);
        var bothLeft = new CountDownLatch(1);
        var letGo = new CountDownLatch(1);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.number() == 0) {
                        bothWait.await();
                    } else if (request.number() == 1) {
                        // Never silent for long enough to be given up, and never done.
                        reply.out().write("HTTP/1.1 200 Slow\r\n".getBytes(StandardCharsets.US_ASCII));
                        while (!bothLeft.await(50, TimeUnit.MILLISECONDS)) {
                            reply.out().write("X-Slow: yes\r\n".getBytes(StandardCharsets.US_ASCII));
                        }
                        reply.out().write("Content-Length: 3000000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                        reply.stall();
                        letGo.countDown();
                        return;
                    }
                    reply.whole(200, sample.content());
                });
                var files = FilesUnderTest.patient(folder, upstream, limits, ByteSize.ofMiB(2))) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            var first = files.files.open(sample.path());
            await().until(() -> upstream.requests().size() == 1);
            var second = files.files.open(sample.path());
            bothWait.countDown();
            assertThat(FilesUnderTest.await(first)).isInstanceOf(FileAnswer.Unavailable.class);
            assertThat(FilesUnderTest.await(second)).isInstanceOf(FileAnswer.Unavailable.class);
            bothLeft.countDown();
            assertThat(letGo.await(10, TimeUnit.SECONDS))
                    .as("nobody takes the body that came too late")
                    .isTrue();
            assertThat(files.get(sample.path()).body()).isEqualTo(sample.content());
            assertThat(upstream.requests())
                    .as("two for each who was waited for")
                    .hasSize(4);
        }
    }
}
