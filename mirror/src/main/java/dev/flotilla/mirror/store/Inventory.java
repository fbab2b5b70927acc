package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds out at the start what is in the store's folder. */
final class Inventory {
    private Inventory() {}

    /** A blob as it was found. */
    record Item(Sha256 digest, long size, long modifiedMillis) {}

    /** All blobs, the oldest first. What isn't named like a blob is left alone. */
    static List<Item> blobs(Layout layout) throws IOException {
        var items = new ArrayList<Item>();
        for (Path folder : entries(layout.blobs())) {
            for (Path file : entries(folder)) {
                String hex = "" + folder.getFileName() + file.getFileName();
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                if (hex.matches("[0-9a-f]{64}") && attributes.isRegularFile()) {
                    items.add(new Item(
                            new Sha256(hex),
                            attributes.size(),
                            attributes.lastModifiedTime().toMillis()));
                }
            }
        }
        items.sort(Comparator.comparingLong(Item::modifiedMillis));
        return items;
    }

    /** What is in {@code folder}; nothing where it is no folder. */
    static List<Path> entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        var entries = new ArrayList<Path>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(entries::add);
        }
        return entries;
    }
}
