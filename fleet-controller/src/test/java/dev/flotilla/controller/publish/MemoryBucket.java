package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A bucket in memory with S3's rules for conditions, a record of its writes, and a place to step in before one. */
final class MemoryBucket implements Bucket {
    private final Map<ObjectKey, byte[]> objects = new TreeMap<>();
    private final List<String> writes = new ArrayList<>();
    private Consumer<ObjectKey> beforeWrite = key -> {};

    /** What happens just before each write. */
    void beforeWrite(Consumer<ObjectKey> event) {
        beforeWrite = event;
    }

    /** The keys that were written since the last call. */
    List<String> takeWrites() {
        var taken = List.copyOf(writes);
        writes.clear();
        return taken;
    }

    Map<ObjectKey, byte[]> objects() {
        return objects;
    }

    byte[] content(String key) {
        byte[] content = objects.get(new ObjectKey(key));
        if (content == null) {
            throw new AssertionError("there is no " + key + " among " + objects.keySet());
        }
        return content;
    }

    @Override
    public Lookup get(ObjectKey key, Optional<ETag> known, ByteSize limit) {
        byte[] content = objects.get(key);
        if (content == null) {
            return new Lookup.Absent("no " + key);
        }
        if (content.length > limit.bytes()) {
            return new Lookup.Failed("too large: " + key);
        }
        return known.equals(Optional.of(etag(content)))
                ? new Lookup.NotModified()
                : new Lookup.Found(content.clone(), etag(content));
    }

    @Override
    public Presence look(ObjectKey key) {
        byte[] content = objects.get(key);
        return content == null
                ? new Presence.Absent("no " + key)
                : new Presence.There(etag(content), new ByteSize(content.length));
    }

    @Override
    public Download download(ObjectKey key, Path newFile, ByteSize limit) {
        throw new UnsupportedOperationException("the controller downloads nothing");
    }

    @Override
    public Writing put(ObjectKey key, byte[] content, Condition condition) {
        beforeWrite.accept(key);
        byte[] present = objects.get(key);
        boolean holds = switch (condition) {
            case Condition.None ignored -> true;
            case Condition.IfAbsent ignored -> present == null;
            case Condition.IfMatch match -> present != null && etag(present).equals(match.etag());
        };
        if (!holds) {
            return new Writing.Conflict("the condition for " + key + " does not hold");
        }
        objects.put(key, content.clone());
        writes.add(key.value());
        return new Writing.Written(etag(content));
    }

    @Override
    public Writing upload(ObjectKey key, Path file, Condition condition) {
        try {
            return put(key, Files.readAllBytes(file), condition);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {}

    private static ETag etag(byte[] content) {
        return new ETag("\"" + Sha256.of(content).hex() + "\"");
    }
}
