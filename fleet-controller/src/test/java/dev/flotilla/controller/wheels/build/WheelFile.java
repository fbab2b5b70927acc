package dev.flotilla.controller.wheels.build;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/** A wheel for tests, sound unless something is changed before it is written. */
final class WheelFile {
    private static final int REGULAR = 0100644;

    @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
    private record Entry(String name, byte[] content, int mode) {}

    private final List<Entry> entries = new ArrayList<>();
    private final String info;
    private String recordTail = "";
    private String comment = "";
    private boolean recorded = true;

    private WheelFile(String info) {
        this.info = info;
    }

    /** Of {@code gold} 1.0, for every machine. */
    static WheelFile sound() {
        return named("gold", "1.0", "py3-none-any");
    }

    static WheelFile named(String name, String version, String tag) {
        var wheel = new WheelFile(name + "-" + version + ".dist-info/");
        return wheel.with("gold.py", "vein = 1\n")
                .with(
                        wheel.info + "METADATA",
                        "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version
                                + "\nRequires-Python: >=3.8\n\nName: not a field\n")
                .with(
                        wheel.info + "WHEEL",
                        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: " + tag + "\n");
    }

    WheelFile with(String name, String content) {
        return with(name, content.getBytes(StandardCharsets.UTF_8), REGULAR);
    }

    WheelFile with(String name, byte[] content, int mode) {
        entries.add(new Entry(name, content, mode));
        return this;
    }

    WheelFile without(String name) {
        entries.removeIf(entry -> entry.name().equals(name));
        return this;
    }

    /** In place of what stands there. */
    WheelFile instead(String name, String content) {
        return without(name).with(name, content);
    }

    WheelFile recordedToo(String line) {
        recordTail += line + "\n";
        return this;
    }

    WheelFile unrecorded() {
        recorded = false;
        return this;
    }

    WheelFile commented(String text) {
        comment = text;
        return this;
    }

    private String record() {
        var text = new StringBuilder();
        for (Entry entry : entries) {
            byte[] raw = HexFormat.of().parseHex(Sha256.of(entry.content()).hex());
            text.append('"' + entry.name() + "\",sha256=")
                    .append(Base64.getUrlEncoder().withoutPadding().encodeToString(raw))
                    .append("," + entry.content().length + "\n");
        }
        return text + info + "RECORD,,\n" + recordTail;
    }

    Path write(Path file) throws IOException {
        List<Entry> all = new ArrayList<>(entries);
        if (recorded) {
            all.add(new Entry(info + "RECORD", record().getBytes(StandardCharsets.UTF_8), REGULAR));
        }
        try (OutputStream out = Files.newOutputStream(file);
                var zip = new ZipArchiveOutputStream(out)) {
            zip.setComment(comment);
            for (Entry entry : all) {
                var header = new ZipArchiveEntry(entry.name());
                header.setUnixMode(entry.mode());
                zip.putArchiveEntry(header);
                zip.write(entry.content());
                zip.closeArchiveEntry();
            }
        }
        return file;
    }
}
