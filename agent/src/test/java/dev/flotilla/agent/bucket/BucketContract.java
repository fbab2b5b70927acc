package dev.flotilla.agent.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Download;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Presence;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.vocabulary.ByteSize;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every bucket does. */
abstract class BucketContract {
    private static final ByteSize LIMIT = ByteSize.ofKiB(1);
    private static final ObjectKey KEY = new ObjectKey("metadata/targets.json");

    @TempDir
    Path folder;

    abstract Bucket bucket();

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
        assertThat(bucket().download(KEY, folder.resolve("file"), LIMIT)).isInstanceOf(Download.Absent.class);
        assertThat(folder.resolve("file")).doesNotExist();
    }

    @Test
    void anObjectOfTheLimitIsReadAndALargerOneFails() {
        written("x".repeat(1024), Condition.none());
        assertThat(bucket().get(KEY, Optional.empty(), LIMIT)).isInstanceOf(Lookup.Found.class);
        assertThat(bucket().download(KEY, folder.resolve("right"), LIMIT)).isEqualTo(new Download.Done(LIMIT));
        written("x".repeat(1025), Condition.none());
        assertThat(bucket().get(KEY, Optional.empty(), LIMIT)).isInstanceOf(Lookup.TooLarge.class);
        assertThat(bucket().download(KEY, folder.resolve("large"), LIMIT)).isInstanceOf(Download.TooLarge.class);
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
        Path to = folder.resolve("to");
        assertThat(bucket().download(KEY, to, ByteSize.ofMiB(3))).isInstanceOf(Download.Done.class);
        assertThat(Files.mismatch(from, to)).isEqualTo(-1);
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
    void keysDoNotMix() {
        written("one", Condition.none());
        assertThat(bucket().get(new ObjectKey("metadata/targets"), Optional.empty(), LIMIT))
                .isInstanceOf(Lookup.Absent.class);
    }
}
