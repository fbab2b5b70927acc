package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import java.util.Optional;

/** What the links of a rendered page point to. */
public interface FileLinks {
    /** The link to {@code file}, whose route is {@code path}: a URL, relative to the page or absolute. */
    String link(ProjectFile file, FilePath path);

    /** The link to the provenance of {@code file} of {@code project}; empty where there is none that can be linked to. */
    Optional<String> provenance(ProjectName project, ProjectFile file);

    /**
     * Links relative to a page at {@code <prefix>/simple/<name>/}, to the files at {@code <prefix>/packages/} and their
     * provenance at {@code <prefix>/integrity/}. They name no host, so that a lock file that keeps them is right in every
     * region.
     */
    static FileLinks relative() {
        return new FileLinks() {
            @Override
            public String link(ProjectFile file, FilePath path) {
                return "../../packages/" + path.path();
            }

            @Override
            public Optional<String> provenance(ProjectName project, ProjectFile file) {
                return file.provenance()
                        .flatMap(ignored -> ProvenancePath.of(project, file.filename()))
                        .map(path -> "../../integrity/" + path.path());
            }
        };
    }

    /** The locations at upstream: a page rendered so can be parsed into the same page again, wherever it is kept. */
    static FileLinks upstream() {
        return new FileLinks() {
            @Override
            public String link(ProjectFile file, FilePath path) {
                return file.location().text();
            }

            @Override
            public Optional<String> provenance(ProjectName project, ProjectFile file) {
                return file.provenance().map(Location::text);
            }
        };
    }
}
