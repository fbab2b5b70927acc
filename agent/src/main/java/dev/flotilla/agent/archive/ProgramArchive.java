package dev.flotilla.agent.archive;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.vocabulary.ByteSize;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A program as a {@code tar.gz} with one folder at its top. It is unpacked into a new folder that appears whole, by one
 * rename, or not at all. Entries that would leave the folder, links out of it and special files refuse the whole archive,
 * whoever signed it.
 */
public final class ProgramArchive {
    private final Path file;
    private final Limits limits;

    /**
     * What an archive may unpack to.
     *
     * @param entries files, folders and links together
     * @param unpacked bytes of all files together
     * @param ratio how many times larger than the archive the files may be
     */
    public record Limits(int entries, ByteSize unpacked, int ratio) {
        /** A program holds some hundred files and 100 MiB; jars hardly shrink, texts shrink tenfold. */
        public static final Limits USUAL = new Limits(10_000, ByteSize.ofGiB(1), 100);
    }

    /** The outcome of unpacking. */
    public sealed interface Unpacking {
        /** The program is in its folder and on disk. */
        record Unpacked(int entries, ByteSize size) implements Unpacking {}

        /** The archive is broken or hostile; nothing is left of it. */
        record Refused(String reason) implements Unpacking {}
    }

    public ProgramArchive(Path file, Limits limits) {
        this.file = file;
        this.limits = limits;
    }

    /**
     * Unpacks what is below the archive's top folder into {@code folder}, which must not exist while the one that it
     * stands in does. {@link IOException} where the disk fails, and then nothing is left either.
     */
    public Unpacking unpackInto(Path folder) throws IOException {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException("can't unpack into " + folder);
        }
        if (Files.exists(folder)) {
            throw new IllegalArgumentException("there is something at " + folder + " already");
        }
        Path partial = Files.createTempDirectory(parent, Disk.PARTIAL);
        try (InputStream packed = new BufferedInputStream(Files.newInputStream(file));
                InputStream tar = unzipped(packed)) {
            var tree = new UnpackedTree(partial, limits, Files.size(file));
            tree.read(tar);
            tree.finish();
            Disk.move(partial, folder);
            return new Unpacking.Unpacked(tree.entries(), new ByteSize(tree.size()));
        } catch (RefusedArchiveException refused) {
            return new Unpacking.Refused(String.valueOf(refused.getMessage()));
        } finally {
            Disk.remove(partial);
        }
    }

    private static InputStream unzipped(InputStream packed) throws IOException {
        try {
            return new GZIPInputStream(packed);
        } catch (EOFException | ZipException broken) {
            throw new RefusedArchiveException("it is not compressed by gzip: " + broken.getMessage());
        }
    }
}
