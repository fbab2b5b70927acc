package dev.flotilla.mirror.store;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Finds out what is in the store's folder. */
final class Inventory {
    private Inventory() {}

    private record Item(Blob blob, long modifiedMillis) {}

    /** All blobs that aren't {@code known}, the oldest first. What isn't named like a blob is left alone. None once {@code over}. */
    static List<Blob> blobs(Layout layout, Predicate<DigestKey> known, BooleanSupplier over) throws IOException {
        var items = new ArrayList<Item>();
        for (Path folder : entries(layout.blobs())) {
            if (over.getAsBoolean()) {
                return List.of();
            }
            for (Path file : entries(folder)) {
                Optional<DigestKey> digest = DigestKey.ofName("" + folder.getFileName() + file.getFileName());
                if (digest.isPresent() && !known.test(digest.get())) {
                    item(file, digest.get()).ifPresent(items::add);
                }
            }
        }
        items.sort(Comparator.comparingLong(Item::modifiedMillis));
        return items.stream().map(Item::blob).toList();
    }

    private static Optional<Item> item(Path file, DigestKey digest) throws IOException {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile()
                    ? Optional.of(new Item(
                            new Blob(digest, attributes.size()),
                            attributes.lastModifiedTime().toMillis()))
                    : Optional.empty();
        } catch (NoSuchFileException left) {
            return Optional.empty();
        }
    }

    /** What is in {@code folder}; nothing where it is no folder. */
    static List<Path> entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        var entries = new ArrayList<Path>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(entries::add);
        } catch (DirectoryIteratorException broken) {
            throw broken.getCause();
        } catch (NoSuchFileException left) {
            return List.of();
        }
        return entries;
    }
}
