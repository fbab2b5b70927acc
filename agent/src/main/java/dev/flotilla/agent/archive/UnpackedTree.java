package dev.flotilla.agent.archive;

import dev.flotilla.agent.disk.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** The tree of files that grows while one archive is read. Links are made last, so that no file is ever written through one. */
final class UnpackedTree {
    private static final int EXECUTABLE = 0100;
    private static final int BLOCK_BYTES = 64 << 10;

    private final Path folder;
    private final ProgramArchive.Limits limits;
    private final long largestBytes;
    private final List<Path> folders = new ArrayList<>();
    private final Map<Path, String> links = new LinkedHashMap<>();
    private Optional<String> top = Optional.empty();
    private int entries;
    private long size;

    UnpackedTree(Path folder, ProgramArchive.Limits limits, long packedBytes) {
        this.folder = folder;
        this.limits = limits;
        this.largestBytes = Math.min(
                limits.unpacked().bytes(), Math.multiplyExact(Math.max(packedBytes, 1), (long) limits.ratio()));
        folders.add(folder);
    }

    int entries() {
        return entries;
    }

    long size() {
        return size;
    }

    void read(InputStream tar) throws IOException {
        try (var archive = new TarArchiveInputStream(tar)) {
            for (var entry = next(archive); entry.isPresent(); entry = next(archive)) {
                if (++entries > limits.entries()) {
                    throw new RefusedArchiveException("it has more than " + limits.entries() + " entries");
                }
                add(entry.get(), archive);
            }
        }
        if (size == 0) {
            throw new RefusedArchiveException("it holds no files");
        }
    }

    private static Optional<TarArchiveEntry> next(TarArchiveInputStream archive) throws IOException {
        try {
            return Optional.ofNullable(archive.getNextEntry());
        } catch (IOException | IllegalArgumentException broken) {
            throw new RefusedArchiveException("it is broken: " + broken.getMessage());
        }
    }

    private void add(TarArchiveEntry entry, InputStream content) throws IOException {
        Optional<Path> place = place(entry.getName());
        if (entry.isSymbolicLink() && place.isPresent()) {
            links.put(place.get(), entry.getLinkName());
        } else if (entry.isDirectory()) {
            if (place.isPresent()) {
                makeFolders(place.get());
            }
        } else if (isPlainFile(entry) && place.isPresent()) {
            write(place.get(), content, (entry.getMode() & EXECUTABLE) != 0);
        } else {
            throw new RefusedArchiveException("'" + entry.getName()
                    + "' is neither a file nor a folder nor a symbolic link below the top folder");
        }
    }

    /** The library calls everything a file that is no folder, pipes and devices too. */
    private static boolean isPlainFile(TarArchiveEntry entry) {
        return entry.getLinkFlag() == TarConstants.LF_NORMAL || entry.getLinkFlag() == TarConstants.LF_OLDNORM;
    }

    /** Where an entry goes, which is nowhere for the top folder itself. */
    private Optional<Path> place(String name) throws RefusedArchiveException {
        List<String> segments = new ArrayList<>(List.of(name.split("/", -1)));
        if (segments.getFirst().equals(".") && segments.size() > 1) {
            segments.removeFirst();
        }
        if (segments.getLast().isEmpty()) {
            segments.removeLast();
        }
        for (String segment : segments) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..") || segment.indexOf('\0') >= 0) {
                throw new RefusedArchiveException("the name '" + name + "' leads out of its folder");
            }
        }
        if (segments.isEmpty()) {
            return Optional.empty();
        }
        String first = segments.removeFirst();
        if (!top.orElse(first).equals(first)) {
            throw new RefusedArchiveException("it has several folders at its top: " + top.orElse("") + ", " + first);
        }
        top = Optional.of(first);
        Path place = folder;
        for (String segment : segments) {
            place = place.resolve(segment);
        }
        return segments.isEmpty() ? Optional.empty() : Optional.of(place);
    }

    private void makeFolders(Path wanted) throws IOException {
        if (Files.isDirectory(wanted)) {
            return;
        }
        if (Files.exists(wanted)) {
            throw new RefusedArchiveException("'" + folder.relativize(wanted) + "' is a file and a folder");
        }
        makeFolders(parent(wanted));
        Files.createDirectory(wanted);
        folders.add(wanted);
    }

    private void write(Path place, InputStream content, boolean executable) throws IOException {
        makeFolders(parent(place));
        if (Files.exists(place) || links.containsKey(place)) {
            throw new RefusedArchiveException("'" + folder.relativize(place) + "' is there twice");
        }
        byte[] block = new byte[BLOCK_BYTES];
        try (OutputStream file = Files.newOutputStream(place, StandardOpenOption.CREATE_NEW)) {
            for (int read = read(content, block); read >= 0; read = read(content, block)) {
                size += read;
                if (size > largestBytes) {
                    throw new RefusedArchiveException("it unpacks to more than " + largestBytes + " bytes");
                }
                file.write(block, 0, read);
            }
        }
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        Disk.sync(place);
    }

    private static int read(InputStream content, byte[] block) throws IOException {
        try {
            return content.read(block);
        } catch (IOException broken) {
            throw new RefusedArchiveException("it is broken: " + broken.getMessage());
        }
    }

    /** Makes the links and brings the folders to disk. */
    void finish() throws IOException {
        for (var link : links.entrySet()) {
            Path place = link.getKey();
            makeFolders(parent(place));
            Path target = Path.of(link.getValue());
            if (target.isAbsolute()
                    || !parent(place).resolve(target).normalize().startsWith(folder)) {
                throw new RefusedArchiveException("the link '" + folder.relativize(place)
                        + "' leads out of its folder, to '" + link.getValue() + "'");
            }
            if (Files.exists(place)) {
                throw new RefusedArchiveException("'" + folder.relativize(place) + "' is there twice");
            }
            Files.createSymbolicLink(place, target);
        }
        for (Path link : links.keySet()) {
            requireInside(link);
        }
        for (Path made : folders) {
            Disk.sync(made);
        }
    }

    /** Several links can lead out together where each alone doesn't. */
    private void requireInside(Path link) throws IOException {
        Path end;
        try {
            end = link.toRealPath();
        } catch (FileSystemException nowhere) {
            throw new RefusedArchiveException("the link '" + folder.relativize(link) + "' leads nowhere");
        }
        if (!end.startsWith(folder.toRealPath())) {
            throw new RefusedArchiveException("the link '" + folder.relativize(link) + "' leads out of its folder");
        }
    }

    private static Path parent(Path place) {
        Path parent = place.getParent();
        if (parent == null) {
            throw new IllegalStateException("every place is below the folder");
        }
        return parent;
    }
}
