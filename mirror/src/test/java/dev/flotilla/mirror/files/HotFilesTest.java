package dev.flotilla.mirror.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.vocabulary.ByteSize;
import io.netty.buffer.Unpooled;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HotFilesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private ScriptedServer upstream;
    private FilesUnderTest files;
    private WorkerExecutor worker;

    /** Room for one. */
    private final OpenFiles open = new OpenFiles(1);

    /** Room for 1 MiB, files of 128 KiB at most. */
    private HotFiles hot;

    @BeforeEach
    void start() throws IOException {
        upstream = new ScriptedServer((request, reply) -> reply.whole(
                200,
                Sample.content(Integer.parseInt(request.target()
                        .substring(
                                request.target().indexOf("sized_") + 6,
                                request.target().indexOf("-1.0-py3"))))));
        files = new FilesUnderTest(folder, upstream);
        worker = files.vertx.createSharedWorkerExecutor("one-after-the-other", 1);
        hot = HotFiles.small(FilesUnderTest.LIMITS, worker);
    }

    @AfterEach
    void stop() throws Exception {
        hot.clear();
        files.close();
        upstream.close();
    }

    private StoredFile stored(int size) throws IOException {
        var sample = Sample.of(Sample.content(size), "sized_" + size + "-1.0-py3-none-any.whl");
        files.offers.put(sample.path(), sample.offeredBy(upstream));
        assertThat(files.get(sample.path()).body()).isEqualTo(sample.content());
        await().atMost(PATIENCE).until(() -> files.get(sample.path()).kind().equals("HIT"));
        return files.store.blobs().find(sample.path()).orElseThrow();
    }

    /** As it is once all is read that was to be read. */
    private Optional<HotFile> settled(StoredFile file) {
        FilesUnderTest.await(worker.executeBlocking(() -> true));
        return hot.find(file);
    }

    private HotFile heated(StoredFile file) {
        return heated(hot, file);
    }

    private static HotFile heated(HotFiles hot, StoredFile file) {
        var found = new ArrayList<HotFile>();
        await().atMost(PATIENCE).until(() -> {
            hot.find(file).ifPresent(found::add);
            return !found.isEmpty();
        });
        return found.getFirst();
    }

    @Test
    void aFileThatIsAskedForAgainIsHeldAndNoMoreReadFromDisk() throws Exception {
        try (StoredFile file = stored(5_000)) {
            assertThat(hot.find(file)).as("asked for once").isEmpty();
            assertThat(settled(file)).as("nobody had asked again").isEmpty();
            HotFile held = heated(file);
            Files.write(file.path(), new byte[5_000]);
            assertThat(held.part(0, 5_000).getBytes()).isEqualTo(Sample.content(5_000));
            assertThat(held.part(4_990, 10).getBytes())
                    .isEqualTo(Arrays.copyOfRange(Sample.content(5_000), 4_990, 5_000));
            held.release();
            assertThat(hot.find(file)).isPresent().get().satisfies(HotFile::release);
            assertThat(hot.bytes()).isEqualTo(5_000);
        }
    }

    @Test
    void bytesThatAreOthersThanTheirDigestSaysAreNotHeld() throws Exception {
        try (StoredFile file = stored(6_000)) {
            byte[] others = Sample.content(6_000);
            others[3_000] ^= 1;
            Files.write(file.path(), others);
            for (int turn = 0; turn < 6; turn++) {
                assertThat(settled(file)).isEmpty();
            }
            Files.write(file.path(), new byte[10]);
            for (int turn = 0; turn < 6; turn++) {
                assertThat(settled(file)).as("shorter").isEmpty();
            }
            await().atMost(PATIENCE).until(() -> hot.bytes() == 0);
        }
    }

    @Test
    void aLargeFileIsNotHeld() throws Exception {
        try (StoredFile file = stored((128 << 10) + 1)) {
            for (int turn = 0; turn < 4; turn++) {
                assertThat(settled(file)).isEmpty();
            }
            assertThat(hot.bytes()).isZero();
        }
    }

    /** Whoever takes his answer slowly holds it, also when others have taken its place. */
    @Test
    void whatIsStillBeingSentCountsAndNoMoreIsHeldThanMayBe() throws Exception {
        List<HotFile> sending = new ArrayList<>();
        List<StoredFile> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            StoredFile file = stored(100_000 + i);
            all.add(file);
            for (int turn = 0; turn < 4; turn++) {
                settled(file).ifPresent(sending::add);
                assertThat(hot.bytes()).isLessThanOrEqualTo(ByteSize.ofMiB(1).bytes());
            }
        }
        assertThat(sending).as("some were held").isNotEmpty();
        for (HotFile each : sending) {
            assertThat(each.part(0, 4).getBytes())
                    .as("its memory is still its own")
                    .hasSize(4);
            each.release();
        }
        hot.clear();
        await().atMost(PATIENCE).until(() -> hot.bytes() == 0);
        heated(all.getFirst()).release();
        all.forEach(StoredFile::release);
    }

    @Test
    void aLargerFileIsMappedAndItsBytesStayThoughItLeavesTheDisk() throws Exception {
        HotFiles mapped = HotFiles.mapped(FilesUnderTest.LIMITS, worker, open);
        try (StoredFile small = stored(128 << 10);
                StoredFile file = stored(1_000_003)) {
            for (int turn = 0; turn < 4; turn++) {
                assertThat(mapped.find(small))
                        .as("small ones are held otherwise")
                        .isEmpty();
                FilesUnderTest.await(worker.executeBlocking(() -> true));
            }
            assertThat(mapped.find(file)).as("asked for once").isEmpty();
            HotFile held = heated(mapped, file);
            assertThat(mapped.bytes()).isEqualTo(1_000_003);
            Files.delete(file.path());
            assertThat(held.part(0, 1_000_003).getBytes()).isEqualTo(Sample.content(1_000_003));
            assertThat(held.part(999_999, 4).getBytes())
                    .isEqualTo(Arrays.copyOfRange(Sample.content(1_000_003), 999_999, 1_000_003));
            mapped.clear();
            assertThat(mapped.bytes()).as("somebody has it still").isEqualTo(1_000_003);
            assertThat(held.part(0, 1).getBytes()).hasSize(1);
            held.release();
            await().atMost(PATIENCE).until(() -> mapped.bytes() == 0);
        }
    }

    /** Short parts go out with their head, and descriptors may be short. */
    @Test
    void aMappedFileStaysOpenForTheSystemToSendAsLongAsSomebodyHasItWhereThereIsRoom() throws Exception {
        HotFiles mapped = HotFiles.mapped(FilesUnderTest.LIMITS, worker, open);
        try (StoredFile first = stored(300_000);
                StoredFile second = stored(300_001)) {
            HotFile sent = heated(mapped, first);
            HotFile written = heated(mapped, second);
            assertThat(written.isSentBySystem(300_001)).as("no descriptor left").isFalse();
            assertThat(written.part(0, 300_001).getBytes()).isEqualTo(Sample.content(300_001));
            written.release();
            assertThat(sent.isSentBySystem(10_000)).as("little").isFalse();
            assertThat(sent.isSentBySystem(300_000)).isTrue();
            Files.delete(first.path());
            mapped.clear();
            assertThat(open.mayStay()).isFalse();
            sent.release();
            await().atMost(PATIENCE).until(open::mayStay);
        }
    }

    /** Machine code that reads what is no longer there ends the process: so nobody is given it, and copying fails as Java does. */
    @Test
    void whatSomebodyCutsOnTheDiskIsNotGivenOutAndWhoeverHasItHearsOfIt() throws Exception {
        HotFiles mapped = HotFiles.mapped(FilesUnderTest.LIMITS, worker, open);
        try (StoredFile file = stored(1_000_005)) {
            HotFile held = heated(mapped, file);
            try (var channel = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
                channel.truncate(10_000);
            }
            assertThat(mapped.find(file, 0, 4_096))
                    .as("what is there still")
                    .isPresent()
                    .get()
                    .satisfies(HotFile::release);
            assertThat(mapped.find(file)).isEmpty();
            assertThat(mapped.find(file, 500_000, 100)).isEmpty();
            assertThatExceptionOfType(InternalError.class)
                    .isThrownBy(() -> held.copy(500_000, 1_000, Unpooled.directBuffer(1_000)));
            held.release();
            for (int turn = 0; turn < 4; turn++) {
                assertThat(mapped.find(file)).as("shorter").isEmpty();
                FilesUnderTest.await(worker.executeBlocking(() -> true));
            }
            await().atMost(PATIENCE).until(() -> mapped.bytes() == 0);
        }
    }

    @Test
    void bytesThatAreOthersAreNotMapped() throws Exception {
        HotFiles mapped = HotFiles.mapped(FilesUnderTest.LIMITS, worker, open);
        try (StoredFile file = stored(1_000_007)) {
            byte[] others = Sample.content(1_000_007);
            others[3_000] ^= 1;
            Files.write(file.path(), others);
            for (int turn = 0; turn < 4; turn++) {
                assertThat(mapped.find(file)).isEmpty();
                FilesUnderTest.await(worker.executeBlocking(() -> true));
            }
            await().atMost(PATIENCE).until(() -> mapped.bytes() == 0);
        }
    }
}
