package dev.flotilla.controller.provision;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * What makes a bare machine a node: the archive that the build packs.
 *
 * @param id the beginning of the digest of its list of files; a machine has it under this name
 * @param machine the kind of machine that it is for, as {@code uname -m} tells it
 */
public record NodeArchive(Path file, Sha256 digest, ByteSize size, String id, String version, String machine) {
    private static final String TOP = "flotilla-node/";
    private static final int ID_DIGITS = 16;
    private static final int BLOCK_BYTES = 64 << 10;

    /** What says which archive it is stands at its beginning; so much of it is looked at. */
    private static final int MOST_ENTRIES = 8;

    private static final int LARGEST_ENTRY_BYTES = 1 << 20;

    /** Reads which archive the file is; {@link IOException} where it is none. */
    public static NodeArchive open(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new NoSuchFileException(
                    "there is no node archive " + file + ": build it, or name another with provision.archive");
        }
        Map<String, byte[]> told = beginning(file);
        return new NodeArchive(
                file,
                digest(file),
                new ByteSize(Files.size(file)),
                Sha256.of(entry(told, "SHA256SUMS", file)).hex().substring(0, ID_DIGITS),
                new String(entry(told, "VERSION", file), StandardCharsets.UTF_8).strip(),
                new String(entry(told, "MACHINE", file), StandardCharsets.UTF_8).strip());
    }

    private static byte[] entry(Map<String, byte[]> told, String name, Path file) throws IOException {
        return Optional.ofNullable(told.get(TOP + name))
                .orElseThrow(() -> new IOException(file + " is no node archive: it has no " + name));
    }

    private static Map<String, byte[]> beginning(Path file) throws IOException {
        Map<String, byte[]> told = new HashMap<>();
        try (var in = new BufferedInputStream(Files.newInputStream(file));
                var tar = new TarArchiveInputStream(new GzipCompressorInputStream(in))) {
            TarArchiveEntry entry = tar.getNextEntry();
            for (int i = 0; i < MOST_ENTRIES && entry != null; i++) {
                if (entry.isFile() && entry.getSize() <= LARGEST_ENTRY_BYTES) {
                    told.put(entry.getName(), tar.readAllBytes());
                }
                entry = tar.getNextEntry();
            }
        } catch (IOException broken) {
            throw new IOException(file + " is no node archive: " + broken.getMessage(), broken);
        }
        return told;
    }

    private static Sha256 digest(Path file) throws IOException {
        MessageDigest digester = Sha256.digester();
        byte[] block = new byte[BLOCK_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(block); read >= 0; read = in.read(block)) {
                digester.update(block, 0, read);
            }
        }
        return Sha256.finish(digester);
    }
}
