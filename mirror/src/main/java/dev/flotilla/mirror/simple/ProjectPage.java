package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A project's page, whatever form it came in: the files in upstream's order, each name once (PEP 503, 691, 700, 792).
 * Immutable.
 *
 * @param versions as upstream lists them; none where it doesn't (PEP 700)
 * @param unknown keys of the page that no specification known here names
 * @param unknownMeta the same of its {@code meta}
 */
public record ProjectPage(
        ProjectName name,
        List<ProjectFile> files,
        List<String> versions,
        Optional<ProjectStatus> status,
        SortedMap<String, JsonText> unknown,
        SortedMap<String, JsonText> unknownMeta) {
    /** The keys of PEP 708, which was rejected, are known and left out. */
    static final Set<String> KNOWN_KEYS =
            Set.of("meta", "name", "files", "versions", "project-status", "alternate-locations", "_last-serial");

    static final Set<String> KNOWN_META_KEYS = Set.of("api-version", "tracks", "_last-serial");

    public ProjectPage {
        files = List.copyOf(files);
        if (files.stream().map(ProjectFile::filename).distinct().count() != files.size()) {
            throw new IllegalArgumentException("a file name of " + name + " comes twice");
        }
        versions = List.copyOf(versions);
        if (!versions.stream().allMatch(Texts::isLine)) {
            throw new IllegalArgumentException("a version of " + name + " is no text of one line");
        }
        unknown = Collections.unmodifiableSortedMap(new TreeMap<>(unknown));
        unknownMeta = Collections.unmodifiableSortedMap(new TreeMap<>(unknownMeta));
        if (!Collections.disjoint(KNOWN_KEYS, unknown.keySet())
                || !Collections.disjoint(KNOWN_META_KEYS, unknownMeta.keySet())) {
            throw new IllegalArgumentException("keys of a page that are known");
        }
    }

    /** A page about which only this is known. */
    public static ProjectPage of(ProjectName name, List<ProjectFile> files, List<String> versions) {
        return new ProjectPage(
                name, files, versions, Optional.empty(), Collections.emptySortedMap(), Collections.emptySortedMap());
    }

    /** The same page with {@code some} of its files, and without the versions that have lost all of theirs by it (PEP 700). */
    public ProjectPage withFiles(List<ProjectFile> some) {
        return new ProjectPage(name, some, FileVersions.left(this, some), status, unknown, unknownMeta);
    }

    /** The same page with {@code more} files, each of a version that it has already. */
    public ProjectPage withMore(List<ProjectFile> more) {
        return new ProjectPage(name, more, versions, status, unknown, unknownMeta);
    }

    /** Which names are those of files of {@code version}, in any spelling of it. */
    public Predicate<String> filesOf(String version) {
        return FileVersions.filesOf(this, version);
    }

    /** Whether {@code version} is on the list of versions, in any spelling. */
    public boolean lists(String version) {
        return versions.stream().anyMatch(one -> FileVersions.key(one).equals(FileVersions.key(version)));
    }

    /**
     * The files that may be shown to clients: those that can be addressed by a digest, and none at all while the project is
     * in quarantine (PEP 792).
     */
    public List<ProjectFile> offered() {
        return offers().stream().map(Offer::file).toList();
    }

    /** An offered file and its path. */
    record Offer(ProjectFile file, FilePath path) {}

    /** The offered files with their paths, which take longer to find than to render. */
    List<Offer> offers() {
        if (status.isPresent() && status.get().quarantined()) {
            return List.of();
        }
        var offers = new ArrayList<Offer>(files.size());
        for (ProjectFile file : files) {
            FilePath.of(file).ifPresent(path -> offers.add(new Offer(file, path)));
        }
        return offers;
    }

    /**
     * The file of this name, offered or not; where there is none, one whose name differs in the spelling of the project's
     * name alone, as {@code Foo.Bar-1.0.tar.gz} and {@code foo_bar-1.0.tar.gz} do. Looks through all files.
     */
    public Optional<ProjectFile> named(String filename) {
        return files.stream()
                .filter(file -> file.filename().equals(filename))
                .findFirst()
                .or(() -> FileName.afterProject(name, filename)
                        .flatMap(rest -> files.stream()
                                .filter(file -> file.filename().endsWith("-" + rest))
                                .filter(file -> FileName.afterProject(name, file.filename())
                                        .equals(Optional.of(rest)))
                                .findFirst()));
    }

    /** The file to which {@code path}, or the path of its metadata, leads, offered or not. Looks through all files. */
    public Optional<ProjectFile> named(FilePath path) {
        Optional<FilePath> sought = Optional.of(path.file());
        return files.stream()
                .filter(file -> file.filename().equals(path.filename()))
                .filter(file -> FilePath.of(file).equals(sought))
                .findFirst();
    }
}
