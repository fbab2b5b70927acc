package dev.flotilla.mirror.wheels;

import dev.flotilla.vocabulary.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The text of an index of wheels, as docs/reference/wheel-index.md has it. Immutable. */
public record WheelIndexText(String platform, SortedMap<String, List<String>> files) {
    public static WheelIndexText of(String platform) {
        return new WheelIndexText(platform, new TreeMap<>());
    }

    /** With one more wheel. */
    public WheelIndexText with(String project, String filename, byte[] content, byte[] metadata) {
        return withFile(project, """
                {"filename": "%s", "url": "%s/%s", "hashes": {"sha256": "%s"}, "size": %d, "requires-python": ">=3.8",
                 "upload-time": "2026-02-01T00:00:00Z", "core-metadata": {"sha256": "%s"}, "flotilla-build": {"sdist": "x"},
                 "_flotilla": {"provenance": {"sdist": {"filename": "%s.tar.gz"}}, "log": "%s/a.log", "last-built": "2026-02-02T00:00:00Z"}}""".formatted(
                        filename,
                        project,
                        filename,
                        Sha256.of(content),
                        content.length,
                        Sha256.of(metadata),
                        filename.split("-cp|-py", 2)[0],
                        project));
    }

    /** With one more entry, however it looks. */
    public WheelIndexText withFile(String project, String file) {
        var more = new TreeMap<>(files);
        more.merge(project, List.of(file), (some, other) -> {
            var both = new ArrayList<>(some);
            both.addAll(other);
            return both;
        });
        return new WheelIndexText(platform, more);
    }

    public String text() {
        var projects = files.entrySet().stream()
                .map(project ->
                        "\"%s\": {\"meta\": {\"api-version\": \"1.1\"}, \"name\": \"%s\", \"versions\": [], \"files\": [%s]}"
                                .formatted(project.getKey(), project.getKey(), String.join(",\n", project.getValue())))
                .toList();
        return """
                {"format": 1, "platform": "%s", "made": "2026-02-28T03:00:00Z", "library": "glibc", "library-version": "2.36",
                 "projects": {%s}}
                """.formatted(platform, String.join(",\n", projects));
    }
}
