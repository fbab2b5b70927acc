package dev.flotilla.controller.local.sample;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/** Packs a folder into a source archive with one top folder (PEP 625). */
final class SourceArchive {
    private static final Instant ENTRY_TIME = Instant.parse("2026-01-01T00:00:00Z");

    private SourceArchive() {}

    static Distribution pack(Path source) throws IOException {
        var core = CoreMetadata.read(source.resolve("PKG-INFO"));
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new GzipCompressorOutputStream(bytes, notCompressed()), "UTF-8")) {
            for (Path file : SourceFolder.files(source)) {
                byte[] content = Files.readAllBytes(file);
                var entry = new TarArchiveEntry(core.fileStem() + "/" + SourceFolder.relative(source, file));
                entry.setSize(content.length);
                entry.setModTime(Date.from(ENTRY_TIME));
                entry.setMode(0100644);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return new Distribution(core, core.fileStem() + ".tar.gz", bytes.toByteArray());
    }

    /** Deflated bytes differ between builds of zlib. */
    private static GzipParameters notCompressed() {
        var parameters = new GzipParameters();
        parameters.setCompressionLevel(Deflater.NO_COMPRESSION);
        return parameters;
    }
}
