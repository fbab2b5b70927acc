package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.Sha256;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The regular part of the grammar of {@link FilePath}. */
final class FileGrammar {
    private static final String ROOT = "/packages/";
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern PATH =
            Pattern.compile("(?:sha256/(?<sha256>[0-9a-f]{64})|(?<a>[0-9a-f]{2})/(?<b>[0-9a-f]{2})/(?<c>[0-9a-f]{60}))"
                    + "/(?<last>[^/]+)");

    /** Digest, longest name with every character encoded, {@code .metadata}. */
    private static final int LONGEST_PATH = 72 + 3 * FileName.LONGEST + FilePath.METADATA_SUFFIX.length();

    private FileGrammar() {}

    static boolean isDigest(String text) {
        return DIGEST.matcher(text).matches();
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
        Matcher path = PATH.matcher(rawPath);
        if (!path.matches()) {
            return Optional.empty();
        }
        String last = path.group("last");
        boolean metadata = last.endsWith(FilePath.METADATA_SUFFIX);
        String filename = FileName.fromPath(
                metadata ? last.substring(0, last.length() - FilePath.METADATA_SUFFIX.length()) : last);
        if (filename == null || (metadata && !FileName.isWheel(filename))) {
            return Optional.empty();
        }
        String sha256 = path.group("sha256");
        return Optional.of(
                sha256 != null
                        ? new FilePath.BySha256(new Sha256(sha256), filename, metadata)
                        : new FilePath.ByBlake2b(
                                path.group("a") + path.group("b") + path.group("c"), filename, metadata));
    }

    /** The path of a file that an upstream's URL carries behind its last {@code /packages/}. */
    static Optional<FilePath> carriedBy(String rawPathOfUrl) {
        int root = rawPathOfUrl.lastIndexOf(ROOT);
        return root < 0
                ? Optional.empty()
                : parse(rawPathOfUrl.substring(root + ROOT.length())).filter(path -> !path.metadata());
    }
}
