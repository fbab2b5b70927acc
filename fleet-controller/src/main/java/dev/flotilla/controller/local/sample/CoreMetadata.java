package dev.flotilla.controller.local.sample;

import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the index has to know of a {@code METADATA} or {@code PKG-INFO} file (core metadata specification). */
record CoreMetadata(ProjectName name, String version, Optional<String> requiresPython, String text) {
    static CoreMetadata read(Path file) throws IOException {
        String text = Files.readString(file);
        List<String> headers = text.lines().takeWhile(line -> !line.isEmpty()).toList();
        return new CoreMetadata(
                ProjectName.of(header(headers, "Name").orElseThrow(() -> missing(file, "Name"))),
                header(headers, "Version").orElseThrow(() -> missing(file, "Version")),
                header(headers, "Requires-Python"),
                text);
    }

    byte[] bytes() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Name and version as file names spell them (PEP 427, PEP 625). */
    String fileStem() {
        return name.normal().replace('-', '_') + "-" + version;
    }

    private static Optional<String> header(List<String> headers, String key) {
        return headers.stream()
                .filter(line -> line.startsWith(key + ": "))
                .map(line -> line.substring(key.length() + 2).strip())
                .findFirst();
    }

    private static IllegalArgumentException missing(Path file, String key) {
        return new IllegalArgumentException(file + " has no line '" + key + ": …'");
    }
}
