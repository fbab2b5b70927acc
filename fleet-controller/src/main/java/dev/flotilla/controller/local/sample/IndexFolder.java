package dev.flotilla.controller.local.sample;

import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Lays files and pages out as a folder index: relative links with digests (PEP 503), metadata beside wheels (PEP 714). */
final class IndexFolder {
    private final Path simple;
    private final Path packages;

    IndexFolder(Path root) {
        this.simple = root.resolve("simple");
        this.packages = root.resolve("packages");
    }

    void write(List<Distribution> distributions) throws IOException {
        Files.createDirectories(packages);
        Map<ProjectName, List<Distribution>> projects = new TreeMap<>();
        for (Distribution distribution : distributions) {
            projects.computeIfAbsent(distribution.core().name(), name -> new ArrayList<>())
                    .add(distribution);
            Files.write(packages.resolve(distribution.filename()), distribution.content());
            if (distribution.offersMetadata()) {
                Files.write(
                        packages.resolve(distribution.filename() + ".metadata"),
                        distribution.core().bytes());
            }
        }
        writePage(
                simple,
                "Simple index",
                projects.keySet().stream().map(IndexFolder::projectLink).toList());
        for (var project : projects.entrySet()) {
            writePage(
                    simple.resolve(project.getKey().normal()),
                    "Links for " + project.getKey(),
                    project.getValue().stream().map(IndexFolder::fileLink).toList());
        }
    }

    private static void writePage(Path folder, String title, List<String> links) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("index.html"), """
                <!DOCTYPE html>
                <html lang="en">
                  <head>
                    <meta charset="utf-8">
                    <meta name="pypi:repository-version" content="1.0">
                    <title>%s</title>
                  </head>
                  <body>
                %s
                  </body>
                </html>
                """.formatted(title, String.join("\n", links)));
    }

    private static String projectLink(ProjectName name) {
        return "    <a href=\"" + name + "/\">" + name + "</a><br>";
    }

    private static String fileLink(Distribution file) {
        var link = new StringBuilder("    <a href=\"../../packages/")
                .append(file.filename())
                .append("#sha256=")
                .append(file.digest())
                .append('"');
        file.core()
                .requiresPython()
                .ifPresent(range -> link.append(" data-requires-python=\"")
                        .append(range.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
                        .append('"'));
        if (file.offersMetadata()) {
            link.append(" data-core-metadata=\"sha256=")
                    .append(Sha256.of(file.core().bytes()))
                    .append('"');
        }
        return link.append('>').append(file.filename()).append("</a><br>").toString();
    }
}
