package dev.flotilla.controller.local.sample;

import dev.flotilla.vocabulary.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Packs a folder of Python sources into a pure wheel (PEP 427). */
final class Wheel {
    private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(2026, 1, 1, 0, 0);
    private static final String WHEEL = """
            Wheel-Version: 1.0
            Generator: flotilla
            Root-Is-Purelib: true
            Tag: py3-none-any
            """;

    private Wheel() {}

    static Distribution pack(Path source) throws IOException {
        var core = CoreMetadata.read(source.resolve("METADATA"));
        return new Distribution(
                core,
                core.fileStem() + "-py3-none-any.whl",
                zip(entries(source, core), core.fileStem() + ".dist-info/RECORD"));
    }

    private static Map<String, byte[]> entries(Path source, CoreMetadata core) throws IOException {
        Map<String, byte[]> entries = new TreeMap<>();
        for (Path file : SourceFolder.files(source)) {
            String path = SourceFolder.relative(source, file);
            switch (path) {
                case "METADATA", "entry_points.txt" ->
                    entries.put(core.fileStem() + ".dist-info/" + path, Files.readAllBytes(file));
                case "generated.txt" -> GeneratedData.declaredIn(file).forEach(entries::put);
                default -> entries.put(path, Files.readAllBytes(file));
            }
        }
        entries.put(core.fileStem() + ".dist-info/WHEEL", WHEEL.getBytes(StandardCharsets.UTF_8));
        return entries;
    }

    /** Stored, not compressed: deflated bytes differ between builds of zlib. */
    private static byte[] zip(Map<String, byte[]> entries, String recordPath) throws IOException {
        var record = new StringBuilder();
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
            for (var entry : entries.entrySet()) {
                store(zip, entry.getKey(), entry.getValue());
                record.append(recordLine(entry.getKey(), entry.getValue()));
            }
            record.append(recordPath).append(",,\n");
            store(zip, recordPath, record.toString().getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String recordLine(String path, byte[] content) {
        byte[] digest = HexFormat.of().parseHex(Sha256.of(content).hex());
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        return path + ",sha256=" + encoded + "," + content.length + "\n";
    }

    private static void store(ZipOutputStream zip, String path, byte[] content) throws IOException {
        var checksum = new CRC32();
        checksum.update(content);
        var entry = new ZipEntry(path);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(checksum.getValue());
        entry.setTimeLocal(ENTRY_TIME);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
