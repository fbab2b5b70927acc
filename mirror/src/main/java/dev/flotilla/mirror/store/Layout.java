package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.ProvenancePath;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;

/**
 * The layout of the store's folder; nobody else builds a path in it. All parts are in one file system, so that a finished
 * file takes its place by a rename.
 *
 * <pre>
 * format                      which layout this is
 * keeper                      locked by the process that evicts and scrubs
 * ledger                      what all processes have taken ({@link Ledger})
 * temporary/{process}/…       what is unfinished; deleted once that process has ended. In it "lock", which it holds, and
 *                             "listeners", the socket at which it hands over to the process after it
 * blobs/{2}/{62}              whole files, by the digits of their SHA-256 digest
 * paths/{2}/{30}              links without a target: which path has which blob
 * pins/{2}/{62}               links without a target: which blobs are pinned, and for which project
 * scrub                       the digest of the blob that was read again last
 * pages/{2}/{name}            one page each; pages/root-list the list of all projects
 * provenance/{2}/{name}={file} one provenance object each
 * </pre>
 */
final class Layout {
    /** Read by this version and written by it. */
    private static final String FORMAT = "flotilla store 1\n";

    /** No project's name has it. */
    private static final char OF = '=';

    private final Path root;
    private final Path blobs;
    private final Path paths;
    private final Path pages;
    private final Path provenance;
    private final Path temporary;

    private Layout(Path root) {
        this.root = root;
        this.blobs = root.resolve("blobs");
        this.paths = root.resolve("paths");
        this.pages = root.resolve("pages");
        this.provenance = root.resolve("provenance");
        this.temporary = root.resolve("temporary");
    }

    /** The layout of a store that is there already or whose folders are still to be made. */
    static Layout of(Path root) {
        return new Layout(root);
    }

    /** Makes the folders that are missing; {@link IOException} where that can't be, or a store of another format is there. */
    void prepare() throws IOException {
        for (Path folder : List.of(root, blobs, paths, pages, provenance, temporary)) {
            Files.createDirectories(folder);
        }
        requireFormat();
    }

    private boolean requireFormat() throws IOException {
        Path format = root.resolve("format");
        if (!Files.exists(format)) {
            return false;
        }
        String found = Files.readString(format);
        if (!found.equals(FORMAT)) {
            throw new ForeignFormat("the store in " + root + " has a format that this version can't read: "
                    + found.strip() + " (expected: " + FORMAT.strip() + ")");
        }
        return true;
    }

    /** Says in a new store which layout it has. To be called while no other process does, nor tidies up. */
    void noteFormat() throws IOException {
        if (requireFormat()) {
            return;
        }
        // By a rename: a full disk would leave an empty file in its place, which no version can read.
        Path temporary = this.temporary.resolve("format");
        try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(FORMAT.getBytes(StandardCharsets.US_ASCII)));
            channel.force(true);
        }
        Files.move(temporary, root.resolve("format"), StandardCopyOption.ATOMIC_MOVE);
        synchronise(root);
    }

    /** The folder is that of another version's store. */
    static final class ForeignFormat extends IOException {
        private static final long serialVersionUID = 1;

        ForeignFormat(String message) {
            super(message);
        }
    }

    Path root() {
        return root;
    }

    Path blobs() {
        return blobs;
    }

    Path paths() {
        return paths;
    }

    Path pages() {
        return pages;
    }

    Path provenance() {
        return provenance;
    }

    Path temporary() {
        return temporary;
    }

    Path pins() {
        return root.resolve("pins");
    }

    Path pin(DigestKey digest) {
        return split(pins(), digest.sha256().hex());
    }

    Path scrubbed() {
        return root.resolve("scrub");
    }

    /** The folder of all blobs whose digests begin with these two digits. */
    Path blobs(String digits) {
        return blobs.resolve(digits);
    }

    /** The folders of all pages and provenance objects whose keys' digests begin with these two digits. */
    List<Path> pages(String digits) {
        return List.of(pages.resolve(digits), provenance.resolve(digits));
    }

    Path keeper() {
        return root.resolve("keeper");
    }

    Path ledger() {
        return root.resolve("ledger");
    }

    Path blob(DigestKey digest) {
        return split(blobs, digest.sha256().hex());
    }

    Path link(PathKey key) {
        return split(paths, key.hex());
    }

    /** The file of a page; {@link PageKey} has valid names only, so nothing in it can leave the folder. */
    Path page(PageKey key) {
        return switch (key) {
            case PageKey.RootList() -> pages.resolve("root-list");
            case PageKey.Project(ProjectName name) -> spread(pages, name.normal());
            case PageKey.Provenance(ProvenancePath path) ->
                spread(provenance, path.project().normal() + OF + path.filename());
        };
    }

    /** Whose provenance the file {@code name} has; empty where it is none of {@link #page}. */
    static Optional<PageKey> provenance(String name) {
        int of = name.indexOf(OF);
        return of > 0 && ProjectName.isValid(name.substring(0, of))
                ? ProvenancePath.of(ProjectName.of(name.substring(0, of)), name.substring(of + 1))
                        .map(PageKey.Provenance::new)
                : Optional.empty();
    }

    private static Path spread(Path folder, String name) {
        return folder.resolve(Sha256.of(name.getBytes(StandardCharsets.US_ASCII))
                        .hex()
                        .substring(0, 2))
                .resolve(name);
    }

    private static Path split(Path folder, String hex) {
        return folder.resolve(hex.substring(0, 2)).resolve(hex.substring(2));
    }

    /** Makes the folder for what has its place there, where it is missing, and makes that last. */
    static void makeFolder(Path place) throws IOException {
        Path folder = parent(place);
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            synchronise(parent(folder));
        }
    }

    /** Moves a finished file to its place, atomically; says how many bytes the file had that was there, -1 without one. */
    static long move(Path finished, Path place) throws IOException {
        long found = size(place);
        Files.move(finished, place, StandardCopyOption.ATOMIC_MOVE);
        return found;
    }

    /** Deletes a file; says how many bytes it had, -1 where there was none. */
    static long delete(Path place) throws IOException {
        long found = size(place);
        return Files.deleteIfExists(place) ? found : -1;
    }

    /** How many bytes the file at {@code place} has; -1 where there is none. */
    static long size(Path place) throws IOException {
        try {
            var attributes = Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile() ? attributes.size() : -1;
        } catch (NoSuchFileException absent) {
            return -1;
        }
    }

    /** Has the system write a folder's entries to the disk. */
    static void synchronise(Path folder) throws IOException {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("no folder above " + path);
        }
        return parent;
    }
}
