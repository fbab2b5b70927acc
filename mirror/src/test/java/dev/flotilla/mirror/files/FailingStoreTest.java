package dev.flotilla.mirror.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.files.FilesUnderTest.Got;
import dev.flotilla.mirror.files.FilesUnderTest.Responses;
import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.mirror.upstream.ScriptedServer.Reply;
import dev.flotilla.vocabulary.ByteSize;
import java.io.BufferedInputStream;
import java.io.IOException;
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

/** A store that begins to take a file and can't take it to its end: what clients have of it by then is gone on with past the store. */
class FailingStoreTest {
    private static final int FOLLOWERS = 5;
    private static final int SENT_AT_FIRST = 600_000;

    @TempDir
    Path folder;

    /** What all of them got who followed, each of whom had a part of its answer before {@code begun} was down. */
    private static List<Got> follow(FilesUnderTest files, Sample sample, CountDownLatch begun) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Got>> answers = new ArrayList<>();
            for (int i = 0; i < FOLLOWERS; i++) {
                answers.add(threads.submit(() -> {
                    try (var client = files.connect()) {
                        client.setSoTimeout(60_000);
                        files.ask(client, sample.path());
                        var in = new BufferedInputStream(client.getInputStream());
                        in.mark(1);
                        assertThat(in.read()).isEqualTo('H');
                        in.reset();
                        begun.countDown();
                        return Responses.read(in);
                    }
                }));
            }
            var all = new ArrayList<Got>();
            for (Future<Got> answer : answers) {
                all.add(answer.get(90, TimeUnit.SECONDS));
            }
            return all;
        }
    }

    private static void inTwoParts(Reply reply, byte[] content, CountDownLatch begun)
            throws IOException, InterruptedException {
        reply.body(Arrays.copyOf(content, SENT_AT_FIRST));
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        reply.body(Arrays.copyOfRange(content, SENT_AT_FIRST, content.length));
    }

    @Test
    void whoFollowsAFileThatCannotTakeItsPlaceGetsAllOfItOnce() throws Exception {
        var sample = Sample.of(1_000_000);
        var begun = new CountDownLatch(FOLLOWERS);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.number() == 0) {
                        reply.head(200, "Content-Length: " + sample.content().length);
                        inTwoParts(reply, sample.content(), begun);
                    } else {
                        reply.whole(200, sample.content());
                    }
                });
                var files = FilesUnderTest.patient(folder, upstream)) {
            Path place = folder.resolve("blobs").resolve(sample.sha256().hex().substring(0, 2));
            Files.deleteIfExists(place);
            Files.createFile(place);
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            for (Got got : follow(files, sample, begun)) {
                assertThat(got.status()).isEqualTo(200);
                assertThat(got.whole()).isTrue();
                assertThat(got.body()).isEqualTo(sample.content());
            }
            assertThat(upstream.requests()).as("each past the store for itself").hasSize(1 + FOLLOWERS);
        }
    }

    @Test
    void whoFollowsAFileForWhichThereIsNoRoomGetsAllOfItOnce() throws Exception {
        assertThat(withoutRoom(Sample.of(3_000_000).content()))
                .allSatisfy(got -> assertThat(got.body()).isEqualTo(Sample.content(3_000_000)))
                .allMatch(Got::whole);
    }

    @Test
    void aFileIsNeverJoinedToTheBeginningOfAnother() throws Exception {
        byte[] other = Sample.content(3_000_000);
        other[0]++;
        assertThat(withoutRoom(other)).noneMatch(Got::whole);
    }

    /** Upstream sends {@code first}, without saying how long it is, and from then on the right file. */
    private List<Got> withoutRoom(byte[] first) throws Exception {
        var sample = Sample.of(3_000_000);
        var begun = new CountDownLatch(FOLLOWERS);
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.number() == 0) {
                        reply.head(200, "Connection: close");
                        inTwoParts(reply, first, begun);
                    } else {
                        reply.whole(200, sample.content());
                    }
                });
                var files = FilesUnderTest.patient(folder, upstream, FilesUnderTest.LIMITS, ByteSize.ofMiB(2))) {
            files.offers.put(sample.path(), sample.offeredWithoutSizeBy(upstream));
            return follow(files, sample, begun);
        }
    }
}
