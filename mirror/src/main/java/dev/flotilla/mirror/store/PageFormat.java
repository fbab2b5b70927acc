package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.upstream.Validators;
import dev.flotilla.vocabulary.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a page is written down: a line that names the format, what is known of the page, its body, and the SHA-256 digest of
 * all of that. Whatever doesn't match its digest isn't a page.
 */
final class PageFormat {
    private static final String NAME = "flotilla page 1\n";

    /** The last bytes of a page's file are the digest of those before. */
    static final int DIGEST_BYTES = 32;

    private static final long NONE = -1;

    private PageFormat() {}

    /** A page written down: what is known of it, its body, the digest of both. */
    @SuppressWarnings("ArrayRecordComponent") // Megabytes that are on their way to a disk: nobody compares them.
    record Written(byte[] head, byte[] body, byte[] digest) {
        long length() {
            return (long) head.length + body.length + digest.length;
        }

        void writeTo(GatheringByteChannel channel) throws IOException {
            ByteBuffer[] parts = {ByteBuffer.wrap(head), ByteBuffer.wrap(body), ByteBuffer.wrap(digest)};
            for (long left = length(); left > 0; ) {
                left -= channel.write(parts);
            }
        }
    }

    static Written encode(StoredPage page) throws IOException {
        var head = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(head)) {
            out.writeUTF(NAME);
            out.writeUTF(page.form().name());
            out.writeUTF(page.location().toString());
            out.writeUTF(page.validators().etag().orElse(""));
            out.writeUTF(page.validators().lastModified().orElse(""));
            out.writeLong(page.lifetime().map(Duration::toMillis).orElse(NONE));
            out.writeBoolean(page.serial().isPresent());
            out.writeLong(page.serial().orElse(0));
            out.writeUTF(page.upstream());
            out.writeLong(page.fetched().toEpochMilli());
            out.writeInt(page.body().length);
        }
        MessageDigest digester = Sha256.digester();
        digester.update(head.toByteArray());
        return new Written(head.toByteArray(), page.body(), digester.digest(page.body()));
    }

    /** The page that {@code length} bytes of {@code content} are; empty where they aren't a whole one. */
    static Optional<StoredPage> decode(InputStream content, long length) throws IOException {
        var digested = new DigestInputStream(content, Sha256.digester());
        try {
            StoredPage page = read(new DataInputStream(digested), length);
            byte[] digest = digested.getMessageDigest().digest();
            return MessageDigest.isEqual(digest, content.readNBytes(DIGEST_BYTES + 1))
                    ? Optional.of(page)
                    : Optional.empty();
        } catch (EOFException | UTFDataFormatException | IllegalArgumentException | DateTimeException unreadable) {
            return Optional.empty();
        }
    }

    /** Nothing of it is believed before the digest was found right; until then it is bounded by {@code length}. */
    private static StoredPage read(DataInputStream in, long length) throws IOException {
        if (!in.readUTF().equals(NAME)) {
            throw new IllegalArgumentException("another format");
        }
        var form = PageForm.valueOf(in.readUTF());
        var location = URI.create(in.readUTF());
        var validators = new Validators(Optional.of(in.readUTF()), Optional.of(in.readUTF()));
        long lifetime = in.readLong();
        boolean hasSerial = in.readBoolean();
        long serial = in.readLong();
        String upstream = in.readUTF();
        var fetched = Instant.ofEpochMilli(in.readLong());
        int size = in.readInt();
        if (size < 0 || size > length) {
            throw new IllegalArgumentException("a body of " + size + " bytes in a file of " + length);
        }
        var body = new byte[size];
        in.readFully(body);
        return new StoredPage(
                body,
                form,
                location,
                validators,
                lifetime == NONE ? Optional.empty() : Optional.of(Duration.ofMillis(lifetime)),
                hasSerial ? OptionalLong.of(serial) : OptionalLong.empty(),
                upstream,
                fetched);
    }
}
