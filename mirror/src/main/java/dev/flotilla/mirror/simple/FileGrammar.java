package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.HexDigits;
import dev.flotilla.vocabulary.Sha256;
import java.util.Optional;

/** The regular part of the grammar of {@link FilePath}. */
final class FileGrammar {
    private static final String ROOT = "/packages/";
    private static final String SHA256 = "sha256/";
    private static final int DIGITS = 64;

    private static final int SHA256_LENGTH = SHA256.length() + DIGITS + 1;

    /** Two digits, two digits and sixty, with a slash behind each. */
    private static final int BLAKE2B_LENGTH = DIGITS + 3;

    /** Digest, longest name with every character encoded, {@code .metadata}. */
    private static final int LONGEST_PATH = 72 + 3 * FileName.LONGEST + FilePath.METADATA_SUFFIX.length();

    private FileGrammar() {}

    static boolean isDigest(String text) {
        return text.length() == DIGITS && HexDigits.fill(text, 0, DIGITS);
    }

    static void require(String filename, boolean metadata) {
        if (!FileName.isValid(filename) || (metadata && !FileName.isWheel(filename))) {
            throw new IllegalArgumentException("no file name for a path: '" + Texts.shown(filename) + "'");
        }
    }

    static String lastSegment(String filename, boolean metadata) {
        return metadata ? FileName.toPath(filename) + FilePath.METADATA_SUFFIX : FileName.toPath(filename);
    }

    static Optional<FilePath> parse(String rawPath) {
        if (rawPath.length() > LONGEST_PATH) {
            return Optional.empty();
        }
        boolean bySha256 = rawPath.startsWith(SHA256);
        int last = bySha256 ? SHA256_LENGTH : BLAKE2B_LENGTH;
        if (rawPath.length() <= last || rawPath.indexOf('/', last) >= 0 || rawPath.charAt(last - 1) != '/') {
            return Optional.empty();
        }
        if (!(bySha256 ? HexDigits.fill(rawPath, SHA256.length(), last - 1) : isBlake2b(rawPath))) {
            return Optional.empty();
        }
        boolean metadata = rawPath.endsWith(FilePath.METADATA_SUFFIX);
        String filename = FileName.fromPath(
                rawPath.substring(last, rawPath.length() - (metadata ? FilePath.METADATA_SUFFIX.length() : 0)));
        if (filename == null || (metadata && !FileName.isWheel(filename))) {
            return Optional.empty();
        }
        return Optional.of(
                bySha256
                        ? new FilePath.BySha256(
                                new Sha256(rawPath.substring(SHA256.length(), last - 1)), filename, metadata)
                        : new FilePath.ByBlake2b(blake2b(rawPath), filename, metadata));
    }

    private static boolean isBlake2b(String path) {
        return HexDigits.fill(path, 0, 2)
                && path.charAt(2) == '/'
                && HexDigits.fill(path, 3, 5)
                && path.charAt(5) == '/'
                && HexDigits.fill(path, 6, BLAKE2B_LENGTH - 1);
    }

    private static String blake2b(String path) {
        return new StringBuilder(DIGITS)
                .append(path, 0, 2)
                .append(path, 3, 5)
                .append(path, 6, BLAKE2B_LENGTH - 1)
                .toString();
    }

    /** The path of a file that an upstream's URL carries behind its last {@code /packages/}. */
    static Optional<FilePath> carriedBy(String rawPathOfUrl) {
        int last = rawPathOfUrl.lastIndexOf('/') + 1;
        return behindRoot(rawPathOfUrl, last - BLAKE2B_LENGTH)
                .or(() -> behindRoot(rawPathOfUrl, last - SHA256_LENGTH))
                .filter(path -> !path.metadata());
    }

    private static Optional<FilePath> behindRoot(String rawPathOfUrl, int at) {
        return at >= ROOT.length() && rawPathOfUrl.startsWith(ROOT, at - ROOT.length())
                ? parse(rawPathOfUrl.substring(at))
                : Optional.empty();
    }
}
