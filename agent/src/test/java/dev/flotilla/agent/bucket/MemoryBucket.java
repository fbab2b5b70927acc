package dev.flotilla.agent.bucket;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A bucket in memory with S3's rules for conditions. It can be away, remembers what was read and written, and has a place
 * to step in before a write. The tests of the controller use it too.
 */
public final class MemoryBucket implements ErasableBucket {
    private static final int BLOCK_BYTES = 4096;

    private final Map<ObjectKey, byte[]> objects = new ConcurrentSkipListMap<>();
    private final List<ObjectKey> reads = new ArrayList<>();
    private final List<String> writes = new ArrayList<>();
    private final List<String> questions = new ArrayList<>();
    private volatile Consumer<ObjectKey> beforeWrite = key -> {};
    private volatile Runnable duringDownloads = () -> {};
    private volatile boolean away;

    /** From now on every call fails. */
    public void goAway() {
        away = true;
    }

    public void comeBack() {
        away = false;
    }

    public void remove(ObjectKey key) {
        objects.remove(key);
    }

    /** What happens after each block of a download. */
    public void duringDownloads(Runnable event) {
        duringDownloads = event;
    }

    /** What happens just before each write. */
    public void beforeWrite(Consumer<ObjectKey> event) {
        beforeWrite = event;
    }

    /** The keys that were written since the last call, in their order. */
    public synchronized List<String> takeWrites() {
        var taken = List.copyOf(writes);
        writes.clear();
        return taken;
    }

    /** The keys that were asked for since the last call, in their order. */
    public synchronized List<String> takeQuestions() {
        var taken = List.copyOf(questions);
        questions.clear();
        return taken;
    }

    /** Everything in it, in the order of the keys; changes to it change the bucket. */
    public Map<ObjectKey, byte[]> objects() {
        return objects;
    }

    public byte[] content(String key) {
        byte[] content = objects.get(new ObjectKey(key));
        if (content == null) {
            throw new AssertionError("there is no " + key + " among " + objects.keySet());
        }
        return content;
    }

    /** How often the content of an object was handed out. */
    public synchronized int reads(ObjectKey key) {
        return (int) reads.stream().filter(key::equals).count();
    }

    private static ETag etag(byte[] content) {
        return new ETag("\"" + Sha256.of(content).hex() + "\"");
    }

    @Override
    public synchronized Lookup get(ObjectKey key, Optional<ETag> known, ByteSize limit) {
        questions.add(key.value());
        byte[] content = objects.get(key);
        if (away) {
            return new Lookup.Failed("the bucket is away");
        }
        if (content == null) {
            return new Lookup.Absent("there is no " + key);
        }
        if (known.equals(Optional.of(etag(content)))) {
            return new Lookup.NotModified();
        }
        reads.add(key);
        return content.length > limit.bytes()
                ? new Lookup.TooLarge(key + " is larger than " + limit)
                : new Lookup.Found(content.clone(), etag(content));
    }

    @Override
    public Presence look(ObjectKey key) {
        byte[] content = objects.get(key);
        if (away) {
            return new Presence.Failed("the bucket is away");
        }
        return content == null
                ? new Presence.Absent("there is no " + key)
                : new Presence.There(etag(content), new ByteSize(content.length));
    }

    @Override
    public Download download(ObjectKey key, PartialFile file, ByteSize limit, BooleanSupplier wanted) {
        return switch (get(key, Optional.empty(), limit)) {
            case Lookup.Absent absent -> new Download.Absent(absent.reason());
            case Lookup.TooLarge tooLarge -> {
                removed(file);
                yield new Download.TooLarge(tooLarge.reason());
            }
            case Lookup.Failed failed -> new Download.Failed(failed.reason());
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            case Lookup.Found found -> {
                try {
                    yield written(found, file, wanted);
                } catch (IOException full) {
                    removed(file);
                    yield new Download.Failed(String.valueOf(full.getMessage()));
                }
            }
        };
    }

    private Download written(Lookup.Found found, PartialFile file, BooleanSupplier wanted) throws IOException {
        if (!file.begun().equals(Optional.of(found.etag())) || file.length() > found.content().length) {
            file.begin(found.etag());
        }
        byte[] content = found.content();
        try (OutputStream end = file.end()) {
            for (int at = Math.toIntExact(file.length()); at < content.length; at += BLOCK_BYTES) {
                end.write(content, at, Math.min(BLOCK_BYTES, content.length - at));
                duringDownloads.run();
                if (!wanted.getAsBoolean()) {
                    return new Download.BrokenOff();
                }
            }
        }
        return new Download.Done(new ByteSize(content.length));
    }

    private static void removed(PartialFile file) {
        try {
            file.remove();
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    @Override
    public synchronized Writing put(ObjectKey key, byte[] content, Condition condition) {
        if (away) {
            return new Writing.Failed("the bucket is away");
        }
        beforeWrite.accept(key);
        byte[] before = objects.get(key);
        boolean holds = switch (condition) {
            case Condition.None ignored -> true;
            case Condition.IfAbsent ignored -> before == null;
            case Condition.IfMatch match -> before != null && etag(before).equals(match.etag());
        };
        if (!holds) {
            return new Writing.Conflict(key + " is of another version");
        }
        objects.put(key, content.clone());
        writes.add(key.value());
        return new Writing.Written(etag(content));
    }

    @Override
    public Writing upload(ObjectKey key, Path file, Condition condition) {
        try {
            return put(key, Files.readAllBytes(file), condition);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Override
    public Listing list(String prefix, int most) {
        if (away) {
            return new Listing.Failed("the bucket is away");
        }
        List<ObjectKey> keys = objects.keySet().stream()
                .filter(key -> key.value().startsWith(prefix))
                .toList();
        return keys.size() > most ? new Listing.TooMany("more than " + most) : new Listing.Keys(keys);
    }

    @Override
    public Erasing erase(ObjectKey key) {
        if (away) {
            return new Erasing.Failed("the bucket is away");
        }
        beforeWrite.accept(key);
        objects.remove(key);
        return new Erasing.Erased();
    }

    @Override
    public void close() {}
}
