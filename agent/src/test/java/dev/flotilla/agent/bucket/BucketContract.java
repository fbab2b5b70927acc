package dev.flotilla.agent.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Download;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Presence;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every bucket does. */
abstract class BucketContract {
    private static final ByteSize LIMIT = ByteSize.ofKiB(1);
    private static final ObjectKey KEY = new ObjectKey("metadata/targets.json");

    @TempDir
    Path folder;

    abstract ErasableBucket bucket();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private ETag written(String content, Condition condition) {
        Writing writing = bucket().put(KEY, bytes(content), condition);
        assertThat(writing).isInstanceOf(Writing.Written.class);
        return ((Writing.Written) writing).etag();
    }

    private String content() {
        Lookup lookup = bucket().get(KEY, Optional.empty(), LIMIT);
        assertThat(lookup).isInstanceOf(Lookup.Found.class);
        return new String(((Lookup.Found) lookup).content(), StandardCharsets.UTF_8);
    }

    @Test
    void anObjectComesBackWithTheTagThatItWasWrittenUnder() {
        ETag etag = written("one", Condition.none());
        var found = (Lookup.Found) bucket().get(KEY, Optional.empty(), LIMIT);
        assertThat(found.content()).isEqualTo(bytes("one"));
        assertThat(found.etag()).isEqualTo(etag);
        assertThat(bucket().look(KEY)).isEqualTo(new Presence.There(etag, new ByteSize(3)));
    }

    @Test
    void anObjectThatTheCallerHasIsNotModified() {
        ETag first = written("one", Condition.none());
        assertThat(bucket().get(KEY, Optional.of(first), LIMIT)).isInstanceOf(Lookup.NotModified.class);
        written("two", Condition.none());
        assertThat(bucket().get(KEY, Optional.of(first), LIMIT)).isInstanceOf(Lookup.Found.class);
    }

    @Test
    void aMissingObjectIsAbsent() {
        assertThat(bucket().get(KEY, Optional.empty(), LIMIT)).isInstanceOf(Lookup.Absent.class);
        assertThat(bucket().look(KEY)).isInstanceOf(Presence.Absent.class);
        assertThat(download("file", LIMIT)).isInstanceOf(Download.Absent.class);
        assertThat(folder.resolve("file")).doesNotExist();
    }

    @Test
    void anObjectOfTheLimitIsReadAndALargerOneFails() {
        written("x".repeat(1024), Condition.none());
        assertThat(bucket().get(KEY, Optional.empty(), LIMIT)).isInstanceOf(Lookup.Found.class);
        assertThat(download("right", LIMIT)).isEqualTo(new Download.Done(LIMIT));
        written("x".repeat(1025), Condition.none());
        assertThat(bucket().get(KEY, Optional.empty(), LIMIT)).isInstanceOf(Lookup.TooLarge.class);
        assertThat(download("large", LIMIT)).isInstanceOf(Download.TooLarge.class);
        assertThat(folder.resolve("large")).doesNotExist();
    }

    @Test
    void anEmptyObjectIsAnObject() {
        written("", Condition.none());
        assertThat(content()).isEmpty();
    }

    @Test
    void aDownloadIsTheObject() throws Exception {
        byte[] large = new byte[3 << 20];
        large[77] = 1;
        Path from = folder.resolve("from");
        Files.write(from, large);
        assertThat(bucket().upload(KEY, from, Condition.none())).isInstanceOf(Writing.Written.class);
        assertThat(download("to", ByteSize.ofMiB(3))).isInstanceOf(Download.Done.class);
        assertThat(Files.mismatch(from, folder.resolve("to"))).isEqualTo(-1);
    }

    private Download download(String name, ByteSize limit) {
        return bucket().download(KEY, new PartialFile(folder.resolve(name)), limit, () -> true);
    }

    /** Says that the first bytes of that version have come, and that they were these. */
    private PartialFile came(ETag version, String part) throws IOException {
        var file = new PartialFile(folder.resolve("part"));
        file.begin(version);
        Files.writeString(file.path(), part);
        return file;
    }

    private String after(PartialFile part) throws IOException {
        assertThat(bucket().download(KEY, part, LIMIT, () -> true)).isInstanceOf(Download.Done.class);
        return Files.readString(part.path());
    }

    @Test
    void aDownloadGoesOnBehindAPartOfTheSameVersionAndOfNoOther() throws Exception {
        ETag first = written("0123456789", Condition.none());
        assertThat(after(came(first, "abc"))).isEqualTo("abc3456789");
        assertThat(after(came(first, "0123456789")))
                .as("all of it has come already")
                .isEqualTo("0123456789");
        ETag second = written("9876543210", Condition.none());
        assertThat(after(came(first, "0123"))).isEqualTo("9876543210");
        assertThat(after(came(second, "98765"))).isEqualTo("9876543210");
        assertThat(after(came(second, "longer than all of it"))).isEqualTo("9876543210");
        PartialFile ofUnknownVersion = came(second, "0123");
        Files.writeString(folder.resolve("part.etag"), "\n");
        assertThat(after(ofUnknownVersion)).isEqualTo("9876543210");
        Files.delete(folder.resolve("part.etag"));
        assertThat(after(came(second, ""))).isEqualTo("9876543210");
    }

    @Test
    void aDownloadThatIsNoLongerWantedLeavesItsPartForTheNextOne() throws Exception {
        byte[] large = new byte[1 << 20];
        new Random(1).nextBytes(large);
        bucket().put(KEY, large, Condition.none());
        var file = new PartialFile(folder.resolve("part"));
        var blocks = new AtomicInteger();
        assertThat(bucket().download(KEY, file, ByteSize.ofMiB(1), () -> blocks.incrementAndGet() < 5))
                .isInstanceOf(Download.BrokenOff.class);
        assertThat(file.length()).isBetween(1L, (1L << 20) - 1);
        assertThat(bucket().download(KEY, file, ByteSize.ofMiB(1), () -> true)).isInstanceOf(Download.Done.class);
        assertThat(Files.readAllBytes(file.path())).isEqualTo(large);
        file.remove();
        try (var left = Files.list(folder)) {
            assertThat(left.filter(path -> path.getFileName().toString().contains("part")))
                    .isEmpty();
        }
    }

    @Test
    void aWriteIfAbsentHappensOnce() {
        written("one", Condition.ifAbsent());
        assertThat(bucket().put(KEY, bytes("two"), Condition.ifAbsent())).isInstanceOf(Writing.Conflict.class);
        assertThat(content()).isEqualTo("one");
    }

    @Test
    void aWriteOverTheKnownVersionHappensAndOverAnotherIsAConflict() {
        ETag first = written("one", Condition.none());
        ETag second = written("two", Condition.ifMatch(first));
        assertThat(second).isNotEqualTo(first);
        assertThat(bucket().put(KEY, bytes("three"), Condition.ifMatch(first))).isInstanceOf(Writing.Conflict.class);
        assertThat(content()).isEqualTo("two");
    }

    @Test
    void keysAreListedByTheirBeginningInTheirOrder() {
        for (String key : List.of("a/2.json", "b/1.json", "a/10.json", "a/c/1.json", "ab/1.json")) {
            bucket().put(new ObjectKey(key), bytes(key), Condition.none());
        }
        assertThat(bucket().list("a/", 3))
                .isEqualTo(new Bucket.Listing.Keys(
                        List.of(new ObjectKey("a/10.json"), new ObjectKey("a/2.json"), new ObjectKey("a/c/1.json"))));
        assertThat(bucket().list("a/", 2)).isInstanceOf(Bucket.Listing.TooMany.class);
        assertThat(bucket().list("nothing/", 2)).isEqualTo(new Bucket.Listing.Keys(List.of()));
    }

    @Test
    void whatIsErasedIsGoneAndMayBeErasedAgain() {
        written("one", Condition.none());
        ErasableBucket erasable = bucket();
        for (int times = 0; times < 2; times++) {
            assertThat(erasable.erase(KEY)).isEqualTo(new ErasableBucket.Erasing.Erased());
            assertThat(bucket().get(KEY, Optional.empty(), LIMIT)).isInstanceOf(Lookup.Absent.class);
        }
    }

    @Test
    void keysDoNotMix() {
        written("one", Condition.none());
        assertThat(bucket().get(new ObjectKey("metadata/targets"), Optional.empty(), LIMIT))
                .isInstanceOf(Lookup.Absent.class);
    }
}
