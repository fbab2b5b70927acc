package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.upstream.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.regex.Pattern;

/**
 * A file of this machine with the token by which operators show who they are (RFC 6750, section 2.1). Only its owner and
 * group may have access to it; it may be changed while the mirror runs.
 *
 * @param path absolute
 */
public record TokenFile(Path path) {
    private static final int LARGEST_BYTES = 4 * 1024;
    private static final int SHORTEST = 16;
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    public TokenFile {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("the path has to be absolute: " + path);
        }
    }

    /** The file of this path, which has to have a token in it now. */
    static TokenFile parse(String written) {
        try {
            var file = new TokenFile(Path.of(written));
            file.read();
            return file;
        } catch (InvalidPathException invalid) {
            throw new IllegalArgumentException("'" + written + "' is no path: " + invalid.getReason(), invalid);
        } catch (IOException unusable) {
            throw new IllegalArgumentException(String.valueOf(unusable.getMessage()), unusable);
        }
    }

    /** The token as it is now; white space around it doesn't count. {@link IOException} says for people why there is none. Blocks. */
    public Secret read() throws IOException {
        byte[] content;
        try (var in = Files.newInputStream(path)) {
            content = in.readNBytes(LARGEST_BYTES + 1);
        } catch (IOException unreadable) {
            throw new IOException("the token can't be read: " + unreadable, unreadable);
        }
        requireClosed();
        String token = new String(content, StandardCharsets.UTF_8).strip();
        if (content.length > LARGEST_BYTES || !TOKEN.matcher(token).matches()) {
            throw new IOException(path + " holds no token: one line of A-Z, a-z, 0-9 and -._~+/ is one");
        }
        if (token.length() < SHORTEST) {
            throw new IOException(
                    "the token in " + path + " can be guessed: make one of at least " + SHORTEST + " characters");
        }
        return new Secret(token);
    }

    private void requireClosed() throws IOException {
        var view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        var permissions = view.readAttributes().permissions();
        if (permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("every user of this machine may read or write " + path + ": chmod o= " + path);
        }
    }
}
