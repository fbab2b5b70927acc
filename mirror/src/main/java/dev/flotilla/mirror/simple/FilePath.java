package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.util.List;
import java.util.Optional;

/**
 * The address of a file below {@code /packages/}, a closed grammar: PyPI's own {@code {2}/{2}/{60}/{filename}}, whose digits
 * are the file's BLAKE2b-256 digest, or {@code sha256/{64}/{filename}} for upstreams without such paths; on wheels with
 * {@code .metadata} behind it for the core metadata (PEP 658). Nothing else is a path: no dot segments, no encoded slash, no
 * upper-case digits. Immutable.
 */
public sealed interface FilePath {
    /** What stands behind the path of a wheel to mean its core metadata. */
    String METADATA_SUFFIX = ".metadata";

    /** PyPI's form. {@code digest} is all 64 lower-case hexadecimal digits of BLAKE2b-256. */
    record ByBlake2b(String digest, String filename, boolean metadata) implements FilePath {
        public ByBlake2b {
            if (!FileGrammar.isDigest(digest)) {
                throw new IllegalArgumentException("no BLAKE2b-256 digest: " + Texts.shown(digest));
            }
            FileGrammar.require(filename, metadata);
        }

        @Override
        public String path() {
            String last = FileGrammar.lastSegment(filename, metadata);
            return new StringBuilder(digest.length() + 3 + last.length())
                    .append(digest, 0, 2)
                    .append('/')
                    .append(digest, 2, 4)
                    .append('/')
                    .append(digest, 4, digest.length())
                    .append('/')
                    .append(last)
                    .toString();
        }

        @Override
        public Optional<Sha256> sha256() {
            return Optional.empty();
        }

        @Override
        public Optional<String> blake2b() {
            return Optional.of(digest);
        }

        @Override
        public FilePath file() {
            return metadata ? new ByBlake2b(digest, filename, false) : this;
        }

        @Override
        public FilePath ofMetadata() {
            return new ByBlake2b(digest, filename, true);
        }
    }

    /** The form for files of which the page gives a SHA-256 digest and the upstream's URL gives none. */
    record BySha256(Sha256 digest, String filename, boolean metadata) implements FilePath {
        public BySha256 {
            FileGrammar.require(filename, metadata);
        }

        @Override
        public String path() {
            return "sha256/" + digest.hex() + '/' + FileGrammar.lastSegment(filename, metadata);
        }

        @Override
        public Optional<Sha256> sha256() {
            return Optional.of(digest);
        }

        @Override
        public Optional<String> blake2b() {
            return Optional.empty();
        }

        @Override
        public FilePath file() {
            return metadata ? new BySha256(digest, filename, false) : this;
        }

        @Override
        public FilePath ofMetadata() {
            return new BySha256(digest, filename, true);
        }
    }

    /** The file's name, decoded; without {@code .metadata}. */
    String filename();

    /** Whether the core metadata is meant and not the file. */
    boolean metadata();

    /** The path below {@code /packages/}, in the one spelling that links use; {@link #parse} gives the same back. */
    String path();

    /** The SHA-256 digest of the file (never of the metadata), if the path carries it. */
    Optional<Sha256> sha256();

    /** The BLAKE2b-256 digest of the file (never of the metadata) as 64 digits, if the path carries it. */
    Optional<String> blake2b();

    /** This path without {@code .metadata}. */
    FilePath file();

    /** This path, which is a wheel's, with {@code .metadata}. */
    FilePath ofMetadata();

    /**
     * The projects on whose page the file can be, the likeliest first: of a wheel the part before the first dash, of other
     * files every part that ends before a dash, longest first, those before something like a version ahead; at most eight.
     */
    default List<ProjectName> projects() {
        return FileName.projects(filename());
    }

    /**
     * Parses what stands behind {@code /packages/} in a request's target, still percent-encoded, without query. Empty for
     * everything outside the grammar.
     */
    static Optional<FilePath> parse(String rawPath) {
        return FileGrammar.parse(rawPath);
    }

    /**
     * The path by which {@code file} is offered: PyPI's where the file's location carries it, else by the page's SHA-256
     * digest, else by one that its location carries. Empty where no digest is known.
     */
    static Optional<FilePath> of(ProjectFile file) {
        Optional<FilePath> carried = FileGrammar.carriedBy(file.location().rawPath())
                .filter(path -> path.filename().equals(file.filename()));
        return carried.flatMap(FilePath::blake2b).isPresent()
                ? carried
                : file.sha256()
                        .<FilePath>map(digest -> new BySha256(digest, file.filename(), false))
                        .or(() -> carried);
    }
}
