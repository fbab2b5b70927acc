package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.upstream.Validators;
import dev.flotilla.vocabulary.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
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

    static byte[] encode(StoredPage page) throws IOException {
        var bytes = new ByteArrayOutputStream(page.body().length + 1024);
        try (var out = new DataOutputStream(bytes)) {
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
            out.write(page.body());
            out.write(Sha256.digester().digest(bytes.toByteArray()));
        }
        return bytes.toByteArray();
    }

    /** The page that {@code content} is; empty where it isn't a whole one. */
    static Optional<StoredPage> decode(byte[] content) {
        int length = content.length - DIGEST_BYTES;
        if (length < 0 || !isWhole(content, length)) {
            return Optional.empty();
        }
        try (var in = new DataInputStream(new ByteArrayInputStream(content, 0, length))) {
            return in.readUTF().equals(NAME) ? Optional.of(read(in)) : Optional.empty();
        } catch (IOException | IllegalArgumentException | DateTimeException unreadable) {
            return Optional.empty();
        }
    }

    private static boolean isWhole(byte[] content, int length) {
        MessageDigest digester = Sha256.digester();
        digester.update(content, 0, length);
        byte[] written = new byte[DIGEST_BYTES];
        System.arraycopy(content, length, written, 0, DIGEST_BYTES);
        return MessageDigest.isEqual(digester.digest(), written);
    }

    private static StoredPage read(DataInputStream in) throws IOException {
        var form = PageForm.valueOf(in.readUTF());
        var location = URI.create(in.readUTF());
        var validators = new Validators(Optional.of(in.readUTF()), Optional.of(in.readUTF()));
        long lifetime = in.readLong();
        boolean hasSerial = in.readBoolean();
        long serial = in.readLong();
        String upstream = in.readUTF();
        var fetched = Instant.ofEpochMilli(in.readLong());
        byte[] body = in.readNBytes(in.readInt());
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
