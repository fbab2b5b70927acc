package dev.flotilla.mirror.simple;

/** What the links of a rendered page point to. */
@FunctionalInterface
public interface FileLinks {
    /** The link to {@code file}, whose route is {@code path}: a URL, relative to the page or absolute. */
    String link(ProjectFile file, FilePath path);

    /**
     * Links relative to a page at {@code <prefix>/simple/<name>/}, to the files at {@code <prefix>/packages/}. They name no
     * host, so that a lock file that keeps them is right in every region.
     */
    static FileLinks relative() {
        return (file, path) -> "../../packages/" + path.path();
    }

    /** The locations at upstream: a page rendered so can be parsed into the same page again, wherever it is kept. */
    static FileLinks upstream() {
        return (file, path) -> file.location().toString();
    }
}
