package dev.flotilla.controller.local.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Packs the sources below {@code src/main/sample} into a folder with {@code simple/} and {@code packages/}. The same sources
 * give the same bytes on every machine: times are fixed and nothing is compressed.
 */
public final class SampleIndexBuild {
    private SampleIndexBuild() {}

    /** {@code SampleIndexBuild SOURCES TARGET}: what the build runs. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: SampleIndexBuild SOURCES TARGET");
            System.exit(2);
        }
        build(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    /**
     * Builds the index anew in {@code target}, of which nothing earlier stays.
     *
     * @throws IOException if a source can't be read or the target can't be written
     * @throws IllegalArgumentException if a source lacks its metadata
     */
    public static void build(Path sources, Path target) throws IOException {
        deleteTree(target);
        List<Distribution> distributions = new ArrayList<>();
        for (Path source : foldersIn(sources.resolve("wheels"))) {
            distributions.add(Wheel.pack(source));
        }
        for (Path source : foldersIn(sources.resolve("sdists"))) {
            distributions.add(SourceArchive.pack(source));
        }
        new IndexFolder(target).write(distributions);
    }

    private static List<Path> foldersIn(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        }
    }
}
