package dev.flotilla.mirror.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.files.FilesUnderTest.Got;
import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.vocabulary.ByteSize;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MirroredFilesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {50, 500})
    void manyClientsOnAColdFileCauseOneRequestAndGetTheRightBytes(int clients) throws Exception {
        var sample = Sample.of(600_000);
        var everybodyFollows = new CountDownLatch(1);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    reply.head(200, "Content-Length: " + sample.content().length);
                    reply.body(Arrays.copyOf(sample.content(), 200_000));
                    everybodyFollows.await();
                    reply.body(Arrays.copyOfRange(sample.content(), 200_000, sample.content().length));
                });
                var files = FilesUnderTest.patient(folder, upstream);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            List<Future<Got>> answers = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                answers.add(threads.submit(() -> files.get(sample.path())));
            }
            await().until(() -> files.files.figures().followers() == clients);
            everybodyFollows.countDown();
            for (Future<Got> answer : answers) {
                Got got = answer.get(60, TimeUnit.SECONDS);
                assertThat(got.status()).isEqualTo(200);
                assertThat(got.whole()).isTrue();
                assertThat(got.body()).isEqualTo(sample.content());
            }
            assertThat(upstream.requests()).hasSize(1);
            await().until(() -> files.files.figures().equals(new FileService.FileFigures(0, 0)));
            assertThat(files.get(sample.path()).kind()).isEqualTo("HIT");
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    @Test
    void clientsThatWaitForASmallFileAllGetItFromOneRequest() throws Exception {
        var sample = Sample.of(5_000);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    TimeUnit.MILLISECONDS.sleep(100); // A distant upstream.
                    reply.whole(200, sample.content());
                });
                var files = FilesUnderTest.patient(folder, upstream);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            List<Future<Got>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                answers.add(threads.submit(() -> files.get(sample.path())));
            }
            int missed = 0;
            for (Future<Got> answer : answers) {
                Got got = answer.get(60, TimeUnit.SECONDS);
                assertThat(got.body()).isEqualTo(sample.content());
                missed += got.kind().equals("MISS") ? 1 : 0;
            }
            assertThat(missed).isEqualTo(1);
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    @Test
    void aClientGetsTheFirstBytesWhileTheRestIsStillComing() throws Exception {
        var sample = Sample.of(1_000_000);
        var seen = new CountDownLatch(1);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    reply.head(200, "Content-Length: " + sample.content().length);
                    reply.out().write(sample.content(), 0, 300_000);
                    reply.out().flush();
                    seen.await();
                    reply.out().write(sample.content(), 300_000, 700_000);
                });
                var files = FilesUnderTest.patient(folder, upstream);
                var client = files.connect()) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            client.setSoTimeout(20_000);
            files.ask(client, sample.path());
            assertThat(client.getInputStream().readNBytes(200_000)).hasSize(200_000);
            seen.countDown();
            assertThat(client.getInputStream().readAllBytes().length).isGreaterThan(800_000);
        }
    }

    @Test
    void theTemporaryFileIsMadeWhileUpstreamIsAsked() throws Exception {
        var sample = Sample.of(300_000);
        var made = new CountDownLatch(1);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    made.await();
                    reply.whole(200, sample.content());
                });
                var files = FilesUnderTest.patient(folder, upstream);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            Future<Got> answer = threads.submit(() -> files.get(sample.path()));
            await().until(() -> !unfinished().isEmpty());
            assertThat(upstream.requests()).hasSizeLessThanOrEqualTo(1);
            made.countDown();
            assertThat(answer.get(20, TimeUnit.SECONDS).body()).isEqualTo(sample.content());
            await().until(() -> unfinished().isEmpty());
        }
    }

    @Test
    void whereTheFileDoesNotComeNothingIsLeftOfIt() throws Exception {
        var sample = Sample.of(300_000);
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(404, new byte[0]));
                var files = FilesUnderTest.patient(folder, upstream)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            assertThat(files.get(sample.path()).status()).isEqualTo(404);
            await().until(() -> unfinished().isEmpty());
            await().until(() -> files.store.blobs().figures().held().bytes() == 0);
        }
    }

    @Test
    void nothingLeavesForAFileBeforeUpstreamHasIt() throws Exception {
        var kept = Sample.of(300_000);
        var sample = Sample.of(299_999);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    boolean wanted = request.target().endsWith(kept.path().path());
                    reply.whole(wanted ? 200 : 404, wanted ? kept.content() : new byte[0]);
                });
                var files = FilesUnderTest.patient(folder, upstream, FilesUnderTest.LIMITS, ByteSize.ofKiB(400))) {
            files.offers.put(kept.path(), kept.offeredBy(upstream));
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            assertThat(files.get(kept.path()).status()).isEqualTo(200);
            await().until(() -> files.get(kept.path()).kind().equals("HIT"));
            assertThat(files.get(sample.path()).status()).isEqualTo(404);
            assertThat(files.get(kept.path()).kind()).isEqualTo("HIT");
            assertThat(files.store.blobs().figures().evicted()).isZero();
        }
    }

    /** The temporary files in the store. */
    private List<Path> unfinished() throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(".part")).toList();
        }
    }

    @Test
    void theFirstClientLeavingChangesNothing() throws Exception {
        var sample = Sample.of(1_000_000);
        var left = new CountDownLatch(1);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    reply.head(200, "Content-Length: " + sample.content().length);
                    reply.out().write(sample.content(), 0, 300_000);
                    reply.out().flush();
                    left.await();
                    reply.out().write(sample.content(), 300_000, 700_000);
                });
                var files = FilesUnderTest.patient(folder, upstream);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            Future<Got> second;
            try (var first = files.connect()) {
                first.setSoTimeout(20_000);
                files.ask(first, sample.path());
                assertThat(first.getInputStream().readNBytes(100_000)).hasSize(100_000);
                second = threads.submit(() -> files.get(sample.path()));
                await().until(() -> files.files.figures().followers() == 2);
                first.setSoLinger(true, 0);
            }
            left.countDown();
            assertThat(second.get(20, TimeUnit.SECONDS).body()).isEqualTo(sample.content());
            assertThat(upstream.requests()).hasSize(1);
            await().until(() -> files.files.figures().equals(new FileService.FileFigures(0, 0)));
        }
    }

    @Test
    void aClientThatTakesNothingHoldsUpNobodyAndCostsNoMemory() throws Exception {
        var sample = Sample.of(40_000_000);
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(200, sample.content()));
                var files = FilesUnderTest.patient(folder, upstream)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            var idle = new ArrayList<Socket>();
            try {
                for (int i = 0; i < 30; i++) {
                    var socket = new Socket();
                    socket.setReceiveBufferSize(8192);
                    socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), files.port()));
                    files.ask(socket, sample.path());
                    idle.add(socket);
                }
                assertThat(files.get(sample.path()).body()).isEqualTo(sample.content());
                await().until(() -> files.files.figures().downloads() == 0);
                // 30 clients with nearly all of 40 MB before them hold one chunk each.
                var pool = PooledByteBufAllocator.DEFAULT.metric();
                assertThat(pool.usedDirectMemory()).isLessThan(150L << 20);
            } finally {
                for (Socket socket : idle) {
                    socket.close();
                }
            }
            await().until(() -> files.files.figures().followers() == 0);
            assertThat(upstream.requests()).hasSize(1);
        }
    }
}
