package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address of a file from before its digest stood in it, which lock files and recipes still carry:
 * {@code {python}/{letter}/{project}/{filename}} below {@code /packages/}. {@code python} is {@code source}, {@code any}, a
 * version or a wheel's tag; the pages don't tell it, so only its form counts. {@code letter} is the first one of the
 * project's name. On wheels {@code .metadata} may follow. Immutable.
 *
 * @param filename as written, decoded; without {@code .metadata}
 * @param metadata whether the core metadata is meant and not the file
 */
public record OldPath(ProjectName project, String filename, boolean metadata) {
    private static final Pattern PATH = Pattern.compile(
            "[A-Za-z0-9][A-Za-z0-9._]{0,63}/(?<letter>[A-Za-z0-9])/(?<project>[A-Za-z0-9._-]{1,200})/(?<last>[^/]+)");
    private static final String SIGNATURE_SUFFIX = ".asc";

    public OldPath {
        FileGrammar.require(filename, metadata);
    }

    /** What came of reading one. */
    public sealed interface Parsing {
        record Parsed(OldPath path) implements Parsing {}

        /** It has the form, and nothing can be there. */
        record Refused(String reason) implements Parsing {}

        /** It hasn't the form. */
        record Other() implements Parsing {}
    }

    /** Reads what stands behind {@code /packages/} in a request's target, still percent-encoded, without query. */
    public static Parsing parse(String rawPath) {
        Matcher path = PATH.matcher(rawPath);
        if (!path.matches() || !ProjectName.isValid(path.group("project"))) {
            return new Parsing.Other();
        }
        String written = path.group("project");
        String first = written.substring(0, 1);
        String letter = path.group("letter");
        if (!letter.equals(first) && !letter.equals(first.toLowerCase(Locale.ROOT))) {
            return new Parsing.Refused("the letter before " + written + " has to be " + first + ", its first one");
        }
        String last = path.group("last");
        if (last.endsWith(SIGNATURE_SUFFIX)) {
            return new Parsing.Refused("signatures aren't mirrored");
        }
        boolean metadata = last.endsWith(FilePath.METADATA_SUFFIX);
        String filename = FileName.fromPath(
                metadata ? last.substring(0, last.length() - FilePath.METADATA_SUFFIX.length()) : last);
        if (filename == null || (metadata && !FileName.isWheel(filename))) {
            return new Parsing.Refused("no file can have this name");
        }
        return new Parsing.Parsed(new OldPath(ProjectName.of(written), filename, metadata));
    }

    /** The path by which {@code file}, which this one leads to, is offered; empty where no digest of it is known. */
    public Optional<FilePath> to(ProjectFile file) {
        return FilePath.of(file).map(path -> metadata ? path.ofMetadata() : path);
    }
}
