package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a file's provenance below {@code /integrity/}: {@code {project}/{version}/{filename}/provenance}, as the
 * public index has it. The version is that of the file's name and says nothing new. Only wheels and sdists have one, since
 * only their names tell it. Immutable.
 */
public record ProvenancePath(ProjectName project, String filename) {
    private static final Pattern PATH = Pattern.compile(
            "(?<project>[A-Za-z0-9._-]{1,200})/(?<version>[^/]{1,600})/(?<filename>[^/]{1,765})/provenance");

    /** Both stand in one name of a file on disk. No real project comes near it. */
    private static final int LONGEST = 250;

    public ProvenancePath {
        if (!FileName.isValid(filename)
                || project.normal().length() + filename.length() > LONGEST
                || FileName.version(project, filename).isEmpty()) {
            throw new IllegalArgumentException("no provenance can be of '" + Texts.shown(filename) + "' of " + project);
        }
    }

    /** The address for a file of {@code project}; empty where it can't have one. */
    public static Optional<ProvenancePath> of(ProjectName project, String filename) {
        try {
            return Optional.of(new ProvenancePath(project, filename));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    /**
     * Reads what stands behind {@code /integrity/} in a request's target, still percent-encoded, without query. Empty for
     * everything outside the grammar, also where the version is another than the file's name says.
     */
    public static Optional<ProvenancePath> parse(String rawPath) {
        Matcher path = PATH.matcher(rawPath);
        if (!path.matches() || !ProjectName.isValid(path.group("project"))) {
            return Optional.empty();
        }
        String version = FileName.fromPath(path.group("version"));
        String filename = FileName.fromPath(path.group("filename"));
        return version == null || filename == null
                ? Optional.empty()
                : of(ProjectName.of(path.group("project")), filename)
                        .filter(parsed -> FileVersions.key(parsed.version()).equals(FileVersions.key(version)));
    }

    /** As it stands in the file's name. */
    String version() {
        return FileName.version(project, filename).orElseThrow();
    }

    /** The path below {@code /integrity/}, in the one spelling that links use. */
    public String path() {
        return project.normal() + '/' + FileName.toPath(version()) + '/' + FileName.toPath(filename) + "/provenance";
    }
}
