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

    /**
     * What is there.
     *
     * @param blobs the oldest first
     * @param more how many bytes of disk others take
     */
    record Found(List<Blob> blobs, long more) {}

    /**
     * The blobs that aren't {@code known}, {@code most} of them. What isn't named like a blob is left alone. None once {@code over}.
     */
    static Found blobs(Layout layout, Predicate<DigestKey> known, long most, BooleanSupplier over) throws IOException {
        var items = new ArrayList<Item>();
        long more = 0;
        for (Path folder : entries(layout.blobs())) {
            if (over.getAsBoolean()) {
                return new Found(List.of(), 0);
            }
            for (Path file : entries(folder)) {
                Optional<DigestKey> digest = DigestKey.ofName("" + folder.getFileName() + file.getFileName());
                if (digest.isPresent() && !known.test(digest.get())) {
                    Optional<Item> item = item(file, digest.get());
                    if (item.isPresent() && items.size() < most) {
                        items.add(item.get());
                    } else {
                        more += item.map(other -> Budget.onDisk(other.blob().size()))
                                .orElse(0L);
                    }
                }
            }
        }
        items.sort(Comparator.comparingLong(Item::modifiedMillis));
        return new Found(items.stream().map(Item::blob).toList(), more);
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
