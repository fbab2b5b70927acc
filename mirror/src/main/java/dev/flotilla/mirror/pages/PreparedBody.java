package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.vocabulary.Sha256;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.util.IllegalReferenceCountException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * One representation of a page, ready to be written: its bytes in direct memory and its strong entity tag (RFC 9110,
 * section 8.8.3), which is made of these bytes alone and so is the same wherever they are. For any thread. Its memory is
 * freed when the cache and everybody to whom it was lent have released it.
 */
public final class PreparedBody {
    private static final int TAG_DIGITS = 32;

    private final DirectMemory memory;
    private final ByteBuf content;
    private final Buffer buffer;
    private final int length;
    private final String lengthText;
    private final String etag;
    private final ContentCoding coding;

    PreparedBody(DirectMemory memory, DirectMemory.Writer writer, ContentCoding coding) throws IOException {
        this.memory = memory;
        content = memory.hold(writer);
        // Vert.x writes an unreleasable slice of it, so the one buffer serves every response.
        buffer = BufferInternal.buffer(content);
        length = content.readableBytes();
        lengthText = Integer.toString(length);
        etag = '"' + digest(content).hex().substring(0, TAG_DIGITS) + '"';
        this.coding = coding;
    }

    private static Sha256 digest(ByteBuf content) {
        var digester = Sha256.digester();
        digester.update(content.nioBuffer());
        return Sha256.finish(digester);
    }

    /** The bytes, to be read while it is lent. */
    InputStream content() {
        return new ByteBufInputStream(content.duplicate());
    }

    /** The bytes, to be written and nothing else. */
    public Buffer buffer() {
        return buffer;
    }

    /** How many bytes there are. */
    public int length() {
        return length;
    }

    /** The same as text, for {@code Content-Length}. */
    public String lengthText() {
        return lengthText;
    }

    /** The entity tag with its quotes. */
    public String etag() {
        return etag;
    }

    public ContentCoding coding() {
        return coding;
    }

    /** All of it, to be read while it is lent. */
    ByteBuffer bytes() {
        return content.nioBuffer();
    }

    /** Lends it once more, unless its memory is gone already. */
    boolean lend() {
        try {
            content.retain();
            return true;
        } catch (IllegalReferenceCountException gone) {
            return false;
        }
    }

    /** Gives it back. To be called exactly once for every time it was lent. */
    public void release() {
        if (content.release()) {
            memory.freed(length);
        }
    }
}
