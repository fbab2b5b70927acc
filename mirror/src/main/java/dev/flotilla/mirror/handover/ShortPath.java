package dev.flotilla.mirror.handover;

import io.netty.channel.unix.DomainSocketAddress;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The address of a socket in a folder, however long that folder's path is: an address has room for 107 bytes (unix(7)),
 * less than many a store's path. So it goes by way of the folder's own entry in {@code /proc/self/fd}.
 */
public final class ShortPath implements Closeable {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final FileChannel folder;
    private final DomainSocketAddress address;

    private ShortPath(FileChannel folder, DomainSocketAddress address) {
        this.folder = folder;
        this.address = address;
    }

    /** Of use until it is closed. */
    public static ShortPath of(Path socket) throws IOException {
        Path parent = socket.toAbsolutePath().getParent();
        Path name = socket.getFileName();
        if (parent == null || name == null) {
            throw new IOException("no folder above " + socket);
        }
        Path real = parent.toRealPath();
        FileChannel folder = FileChannel.open(real, StandardOpenOption.READ);
        boolean found = false;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : descriptors) {
                if (leadsTo(descriptor, real)) {
                    found = true;
                    return new ShortPath(
                            folder,
                            new DomainSocketAddress(
                                    descriptor.resolve(name.toString()).toString()));
                }
            }
        } finally {
            if (!found) {
                folder.close();
            }
        }
        throw new IOException("/proc/self/fd doesn't name " + real);
    }

    private static boolean leadsTo(Path descriptor, Path folder) {
        try {
            return Files.readSymbolicLink(descriptor).equals(folder);
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    public DomainSocketAddress address() {
        return address;
    }

    @Override
    public void close() throws IOException {
        folder.close();
    }
}
