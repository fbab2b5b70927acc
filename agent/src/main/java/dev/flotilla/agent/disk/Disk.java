package dev.flotilla.agent.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Changes to files that are whole or not there, also after a power cut. {@link IOException} where the disk fails. */
public final class Disk {
    /** How every unfinished file and folder begins, so that whoever cleans up knows them. */
    public static final String PARTIAL = ".partial-";

    private Disk() {}

    /** Puts {@code content} in the place of {@code file}, which may exist or not: temporary file, fsync, rename, fsync of the folder. */
    public static void replace(Path file, byte[] content) throws IOException {
        Path folder = folderOf(file);
        Path partial = Files.createTempFile(folder, PARTIAL, "");
        try {
            try (var channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                var buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            move(partial, file);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /** Makes {@code link} point to {@code target} (relative to the link's folder), whatever it pointed to before. */
    public static void link(Path link, Path target) throws IOException {
        Path folder = folderOf(link);
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(target)) {
            return;
        }
        Path partial = folder.resolve(PARTIAL + link.getFileName());
        Files.deleteIfExists(partial);
        Files.createSymbolicLink(partial, target);
        move(partial, link);
    }

    /** Renames atomically within one file system, and brings the rename to disk. */
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync(folderOf(to));
    }

    /** Brings a file's content or a folder's entries to disk. */
    public static void sync(Path fileOrFolder) throws IOException {
        try (var channel = FileChannel.open(fileOrFolder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Removes a file, or a folder with all that is in it, without following links; nothing happens where there is none. */
    public static void remove(Path fileOrFolder) throws IOException {
        if (!Files.exists(fileOrFolder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(fileOrFolder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path visited, BasicFileAttributes attributes) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException broken) throws IOException {
                if (broken != null) {
                    throw broken;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IllegalArgumentException(file + " stands in no folder");
        }
        return folder;
    }
}
