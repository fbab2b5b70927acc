package dev.flotilla.controller.wheels.build;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Sdists for tests. */
final class TestSdists {
    /** A build back end of the sdist's own, whose {@code wheel} makes a sound wheel; what else it does comes behind it. */
    private static final String BACKEND = """
            import base64, hashlib, os, sys, zipfile
            def wheel(folder, name, version, files=(), filename=None, said=None):
                info = "%s-%s.dist-info/" % (name, version)
                entries = list(files) + [
                    (info + "METADATA", "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n" % (said or name, version)),
                    (info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")]
                record = "".join("%s,sha256=%s,%d\\n" % (
                    path if isinstance(path, str) else path.filename,
                    base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("="),
                    len(text.encode())) for path, text in entries)
                filename = filename or "%s-%s-py3-none-any.whl" % (name, version)
                with zipfile.ZipFile(os.path.join(folder, filename), "w") as archive:
                    for path, text in entries + [(info + "RECORD", record + info + "RECORD,,\\n")]:
                        # With the same time in each build.
                        archive.writestr(zipfile.ZipInfo(path) if isinstance(path, str) else path, text)
                return filename
            """;

    private TestSdists() {}

    interface Filling {
        void fill(TarArchiveOutputStream tar, String root) throws IOException;
    }

    /** With these files in its one folder. */
    static byte[] of(String name, String version, Map<String, String> files) throws IOException {
        return of(name, version, files, (tar, root) -> {});
    }

    static byte[] of(String name, String version, Map<String, String> files, Filling more) throws IOException {
        String root = name + "-" + version + "/";
        var all = new LinkedHashMap<>(files);
        all.putIfAbsent("PKG-INFO", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n");
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes), StandardCharsets.UTF_8.name())) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Map.Entry<String, String> file : all.entrySet()) {
                byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
                var entry = new TarArchiveEntry(root + file.getKey());
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
            more.fill(tar, root);
        }
        return bytes.toByteArray();
    }

    /** Whose back end is its own, with this code. */
    static byte[] with(String name, String version, String code) throws IOException {
        return of(name, version, own(code, ""));
    }

    static Map<String, String> own(String code, String requires) {
        return Map.of(
                "pyproject.toml",
                "[build-system]\nrequires = [" + requires + "]\nbuild-backend = \"own\"\nbackend-path = [\".\"]\n",
                "own.py",
                BACKEND + code);
    }
}
