package dev.flotilla.controller.local;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one folder in which a local fleet keeps all of its files: its layout, the mark that says whose it is, and the lock
 * that keeps two commands apart. The lock ends with the process, however that ends. Safe for many threads.
 */
final class StateFolder implements AutoCloseable {
    private static final String MARK = ".flotilla-local";
    private static final String MARK_TEXT = """
            This folder is the state of a local fleet. All of it goes with: flotilla local --fresh
            """;

    private final Path root;
    private final FileChannel lockFile;
    private final FileLock lock;

    private StateFolder(Path root, FileChannel lockFile, FileLock lock) {
        this.root = root;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Takes the folder, which is made where it is missing.
     *
     * @throws CannotStartException if it is not writable, holds something else than a local fleet, or is in use
     */
    static StateFolder take(Path folder) throws CannotStartException {
        Path root = folder.toAbsolutePath().normalize();
        try {
            refuseForeign(root);
            Files.createDirectories(
                    root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.writeString(root.resolve(MARK), MARK_TEXT);
            return lock(root.toRealPath());
        } catch (IOException unusable) {
            throw new CannotStartException(
                    "the state folder " + root + " can't be used: " + reason(unusable)
                            + ". Choose another with --state DIR",
                    unusable);
        }
    }

    private static void refuseForeign(Path root) throws IOException, CannotStartException {
        if (!Files.isDirectory(root) || Files.exists(root.resolve(MARK))) {
            return;
        }
        try (Stream<Path> entries = Files.list(root)) {
            var first = entries.sorted().findFirst();
            if (first.isPresent()) {
                throw new CannotStartException("the folder " + root + " holds something else (for one, "
                        + first.get().getFileName()
                        + ") and no local fleet: it stays untouched. Choose another with --state DIR");
            }
        }
    }

    private static StateFolder lock(Path root) throws IOException, CannotStartException {
        FileChannel file = FileChannel.open(
                root.resolve("local.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        @Nullable FileLock lock = null;
        try {
            lock = tryLock(file);
            if (lock == null) {
                String holder = Files.readString(root.resolve("local.lock")).strip();
                throw new CannotStartException("a local fleet is running in " + root + " already"
                        + (holder.isEmpty() ? "" : " (process " + holder + ")")
                        + ": stop it with Ctrl-C there, or choose another folder with --state DIR");
            }
            file.truncate(0);
            file.write(StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"));
            return new StateFolder(root, file, lock);
        } finally {
            if (lock == null) {
                file.close();
            }
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    /** Where a local fleet keeps its state unless somebody says otherwise (XDG Base Directory Specification). */
    static Path usual(String home, @Nullable String stateHome) {
        Path states =
                stateHome == null || !stateHome.startsWith("/") ? Path.of(home, ".local", "state") : Path.of(stateHome);
        return states.resolve("flotilla").resolve("local");
    }

    /** Deletes everything but the mark and the lock. Links are deleted, never followed. */
    void empty() throws IOException {
        Set<Path> kept = Set.of(root.resolve(MARK), root.resolve("local.lock"));
        List<Path> entries;
        try (Stream<Path> listed = Files.list(root)) {
            entries = listed.filter(entry -> !kept.contains(entry)).toList();
        }
        for (Path entry : entries) {
            Disk.remove(entry);
        }
    }

    /** Makes the folder for what programs need for a moment, without what earlier ones left in it. */
    void makeTemporary() throws IOException {
        deleteTemporary();
        Files.createDirectories(temporary());
    }

    void deleteTemporary() throws IOException {
        Disk.remove(temporary());
    }

    Path root() {
        return root;
    }

    Path fleetConfiguration() {
        return fleetConfiguration(root);
    }

    static Path fleetConfiguration(Path root) {
        return root.resolve("fleet.conf");
    }

    Path trust() {
        return root.resolve("trust");
    }

    /** Certificates and their keys, where mirrors serve by HTTPS. */
    Path certificates() {
        return certificates(root);
    }

    static Path certificates(Path root) {
        return root.resolve("certificates");
    }

    Path bucket() {
        return root.resolve("bucket");
    }

    Path programs() {
        return root.resolve("programs");
    }

    /** Where programs may put what they need for a moment. */
    Path temporary() {
        return root.resolve("tmp");
    }

    /** Processes, endpoints and credentials of the fleet that runs now; there while one does. */
    Path runFile() {
        return runFile(root);
    }

    static Path runFile(Path root) {
        return root.resolve("local.json");
    }

    Path agentState(RegionName region) {
        return region(region).resolve("agent");
    }

    Path agentConfiguration(RegionName region) {
        return region(region).resolve("agent.conf");
    }

    Path agentLog(RegionName region) {
        return region(region).resolve("agent.log");
    }

    Path store(RegionName region) {
        return region(region).resolve("store");
    }

    Path lifeline(RegionName region) {
        return region(region).resolve("lifeline");
    }

    private Path region(RegionName region) {
        return root.resolve("regions").resolve(region.value());
    }

    /** Gives the folder back. */
    @Override
    public void close() throws IOException {
        lock.release();
        lockFile.close();
    }

    private static String reason(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case java.nio.file.AccessDeniedException denied -> "no permission for " + denied.getFile();
            case java.nio.file.FileAlreadyExistsException inTheWay -> inTheWay.getFile() + " is a file";
            case java.nio.file.FileSystemException onFile
            when onFile.getReason() != null -> onFile.getFile() + ": " + onFile.getReason();
            default -> message;
        };
    }
}
