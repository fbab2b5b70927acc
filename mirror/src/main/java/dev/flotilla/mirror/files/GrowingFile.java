package dev.flotilla.mirror.files;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.OptionalLong;

/**
 * One client's view of a file that is being downloaded. For one stream only; either {@link #streamTo} or
 * {@link #release} must be called.
 */
public interface GrowingFile {
    /** How many bytes the file has in the end, where that is known; a client may be told, since any other length fails. */
    OptionalLong size();

    /**
     * Names this attempt at the file, without quotes: bytes under one tag belong together, bytes under two may not. To be
     * sent as the entity tag in place of the digest, which isn't verified yet.
     */
    String attemptTag();

    /** Whether this client came upon a download that another had begun. */
    boolean isCoalesced();

    /**
     * The answer for a client that wants a part of the file, or only if it is another than it has: before it is verified
     * nobody can say. {@link FileAnswer.Stored} once the file is whole and right, {@link FileAnswer.Unavailable} where it
     * can't be had; where that isn't known in time, or never will be, this file or another view of it, to be had from its
     * start. Ends this view unless it is the answer. The future never fails and completes within {@link FileLimits#openDeadline()} since the
     * file was asked for, on the caller's context.
     */
    Future<FileAnswer> settled();

    /**
     * Writes the whole file to {@code client}, as fast as it comes and the client takes it, and doesn't end the stream.
     * At most one chunk is outstanding. The future completes on the caller's context once everything was written; it
     * fails where the file can't be had whole and right or the client is gone, and then the client's connection must be
     * cut, so that it can't take what it has for the file: the last block is never written before the file is verified.
     */
    Future<Void> streamTo(WriteStream<Buffer> client);

    /** For a client that wants no bytes after all, or left while they came. The download goes on. */
    void release();
}
