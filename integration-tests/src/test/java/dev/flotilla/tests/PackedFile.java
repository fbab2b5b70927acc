package dev.flotilla.tests;

import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A source distribution (PEP 625) that a test has packed, or a wheel that its pip has got. */
record PackedFile(String project, Path path) implements PackageFile {
    /**
     * Packs a source distribution.
     *
     * @param folder of the test's own, where its files are put first
     * @param files by their paths in it
     */
    static PackedFile sdist(Path folder, String project, String version, Map<String, String> files) throws IOException {
        String name = project.replace('-', '_') + "-" + version;
        Path root = Files.createDirectories(folder.resolve(name));
        Files.writeString(
                root.resolve("PKG-INFO"), "Metadata-Version: 2.1\nName: " + project + "\nVersion: " + version + "\n");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(root.resolve(file.getKey()), file.getValue());
        }
        Path archive = folder.resolve(name + ".tar.gz");
        Command.run(List.of("tar", "-czf", archive.toString(), "-C", folder.toString(), name))
                .succeeded();
        return new PackedFile(project, archive);
    }

    /** A {@code pyproject.toml} of that build back end (PEP 517, PEP 621). */
    static String pyproject(String project, String version, String requires, String backend) {
        return """
                [build-system]
                requires = ["%s"]
                build-backend = "%s"
                [project]
                name = "%s"
                version = "%s"
                description = "of a test"
                requires-python = ">=3.8"
                """.formatted(requires, backend, project, version);
    }

    /** One that is there. */
    static PackedFile wheel(Path path) {
        String filename = path.getFileName().toString();
        return new PackedFile(filename.substring(0, filename.indexOf('-')).replace('_', '-'), path);
    }

    /** A source distribution that is there. */
    static PackedFile published(Path path) {
        String filename = path.getFileName().toString();
        return new PackedFile(
                ProjectName.of(filename.substring(0, filename.lastIndexOf('-'))).normal(), path);
    }

    @Override
    public String filename() {
        return path.getFileName().toString();
    }

    @Override
    public byte[] content() {
        try {
            return Files.readAllBytes(path);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
