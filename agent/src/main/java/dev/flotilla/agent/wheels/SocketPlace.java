package dev.flotilla.agent.wheels;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Makes a socket in a folder, however long that folder's path is, for the folder's owner alone. */
final class SocketPlace {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Whoever comes meanwhile waits for a turn. More than a mirror has downloads. */
    private static final int MOST_WAITING = 1024;

    private SocketPlace() {}

    /**
     * Listens at {@code socket}, which nobody finds before it may only be entered by its owner. What was there is nobody's any more.
     *
     * @param partial what it is called until then, in the same folder
     */
    static ServerSocketChannel listen(Path socket, String partial) throws IOException {
        Path folder = socket.resolveSibling("").toRealPath();
        Path made = folder.resolve(partial);
        Files.deleteIfExists(made);
        var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        FileChannel entry = FileChannel.open(folder, StandardOpenOption.READ);
        try {
            // An address has room for 107 bytes (unix(7)), less than many a path: so it goes by way of the open folder.
            channel.bind(UnixDomainSocketAddress.of(descriptor(folder).resolve(partial)), MOST_WAITING);
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            Files.move(made, socket, StandardCopyOption.ATOMIC_MOVE);
            return channel;
        } catch (IOException | RuntimeException refused) {
            channel.close();
            Files.deleteIfExists(made);
            throw refused;
        } finally {
            entry.close();
        }
    }

    private static Path descriptor(Path folder) throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : descriptors) {
                if (leadsTo(descriptor, folder)) {
                    return descriptor;
                }
            }
        }
        throw new IOException(DESCRIPTORS + " doesn't name " + folder);
    }

    private static boolean leadsTo(Path descriptor, Path folder) {
        try {
            return Files.readSymbolicLink(descriptor).equals(folder);
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }
}
