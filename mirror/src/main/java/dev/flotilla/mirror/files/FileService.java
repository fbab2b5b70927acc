package dev.flotilla.mirror.files;

import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.Optional;

/**
 * Files for clients: from the store where they are there, otherwise from an upstream, once for all who ask. Safe for use
 * from any thread.
 */
public interface FileService {
    /**
     * The file at {@code path}, or the metadata of a wheel where the path is that of its {@code .metadata}. The future never
     * fails and completes within {@link FileLimits#openDeadline()}, on the caller's context where it has one.
     */
    Future<FileAnswer> open(FilePath path);

    /** The same files as far as {@code view} shows them; others don't exist there, and what can't be judged isn't given out. */
    FileService in(View view);

    /**
     * The bytes of {@code file}, which {@link #open} gave, where they are in memory; whoever takes them releases them, and the file
     * besides. Files that are small and asked for again and again come there.
     */
    Optional<HotFile> hot(StoredFile file);

    /**
     * So many bytes of a larger file that is asked for again and again, mapped and in memory, lent, from {@code offset} on. To be written
     * to the system as they are and not looked at: they may be gone where somebody cuts the file.
     */
    Optional<HotFile> mapped(StoredFile file, long offset, long length);

    /**
     * Writes so many bytes of {@code file} to {@code client}, from {@code offset} on, and neither ends the stream nor releases the file:
     * for connections that can't take it from the disk themselves. At most one chunk is outstanding, and nothing is read on the
     * caller's thread. The future completes on the caller's context; it fails with an {@link UnreadableException} where the bytes
     * can't be read, and with something else where the client is gone.
     */
    Future<Void> stream(StoredFile file, long offset, long length, WriteStream<Buffer> client);

    /**
     * Has {@code file}, which {@link #open} gave, leave the store, since its bytes can't be read: the next one who asks has it
     * fetched. Releases it. The future completes once it is gone, on the caller's context where it has one.
     */
    Future<Void> drop(StoredFile file);

    /**
     * Whether {@code tag} was a {@link GrowingFile#attemptTag} whose attempt became the file with this digest: whoever has
     * bytes under that tag has bytes of the file. Not known of those that are long past, or of another process.
     */
    boolean isAttempt(String tag, Sha256 digest);

    /** What it is doing now. */
    FileFigures figures();

    /**
     * What is under way.
     *
     * @param downloads how many files are being downloaded or wait for it
     * @param followers how many clients follow them
     */
    record FileFigures(int downloads, int followers) {}
}
