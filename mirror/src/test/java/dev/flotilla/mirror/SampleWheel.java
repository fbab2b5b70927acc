package dev.flotilla.mirror;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A wheel with one module in it that says its name (the wheel format: PEP 427). */
record SampleWheel(String project, String version, List<String> requires) {
    private String escaped() {
        return project.replace('-', '_');
    }

    String filename() {
        return escaped() + "-" + version + "-py3-none-any.whl";
    }

    byte[] metadata() {
        String text = "Metadata-Version: 2.1\nName: " + project + "\nVersion: " + version + "\n"
                + requires.stream()
                        .map(other -> "Requires-Dist: " + other + "\n")
                        .collect(Collectors.joining());
        return text.getBytes(StandardCharsets.UTF_8);
    }

    byte[] content() throws IOException {
        String information = escaped() + "-" + version + ".dist-info/";
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(escaped() + ".py", "NAME = '" + project + " " + version + "'\n");
        entries.put(information + "METADATA", new String(metadata(), StandardCharsets.UTF_8));
        entries.put(
                information + "WHEEL",
                "Wheel-Version: 1.0\nGenerator: sample\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        String record = entries.keySet().stream().map(name -> name + ",,\n").collect(Collectors.joining());
        entries.put(information + "RECORD", record + information + "RECORD,,\n");
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var entry : entries.entrySet()) {
                var header = new ZipEntry(entry.getKey());
                header.setTime(1_600_000_000_000L);
                zip.putNextEntry(header);
                zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    void offerOn(SampleUpstream upstream) throws IOException {
        upstream.offer(project, filename(), content());
    }
}
