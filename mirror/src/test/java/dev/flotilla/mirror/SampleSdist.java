package dev.flotilla.mirror;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * An sdist that builds itself, since nothing but the mirror can be reached: by a backend of its own (PEP 517), or by the
 * setuptools that came with pips that know none.
 */
record SampleSdist(String project, String version) {
    private static final int BLOCK = 512;

    private String escaped() {
        return project.replace('-', '_');
    }

    String filename() {
        return escaped() + "-" + version + ".tar.gz";
    }

    /** What the module says that is built of it. */
    String said() {
        return "NAME = '" + project + " " + version + " from source'";
    }

    byte[] content() throws IOException {
        String metadata = "Metadata-Version: 2.1\nName: " + project + "\nVersion: " + version + "\n";
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("PKG-INFO", metadata);
        entries.put(escaped() + ".py", said() + "\n");
        entries.put(
                "setup.py",
                "from setuptools import setup\nsetup(name='%s', version='%s', py_modules=['%s'])\n"
                        .formatted(project, version, escaped()));
        entries.put(
                "pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n");
        entries.put("backend.py", """
                import os, zipfile
                INFO = '%s-%s.dist-info/'
                WHEEL = '%s-%s-py3-none-any.whl'

                def build_wheel(folder, config_settings=None, metadata_directory=None):
                    with zipfile.ZipFile(os.path.join(folder, WHEEL), 'w') as wheel:
                        wheel.write('%s.py')
                        wheel.write('PKG-INFO', INFO + 'METADATA')
                        wheel.writestr(INFO + 'WHEEL',
                                       'Wheel-Version: 1.0\\nGenerator: sample\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
                        names = wheel.namelist()
                        wheel.writestr(INFO + 'RECORD', ''.join(name + ',,\\n' for name in names + [INFO + 'RECORD']))
                    return WHEEL
                """.formatted(escaped(), version, escaped(), version, escaped()));
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            for (var entry : entries.entrySet()) {
                byte[] content = entry.getValue().getBytes(StandardCharsets.UTF_8);
                gzip.write(header(escaped() + "-" + version + "/" + entry.getKey(), content.length));
                gzip.write(content);
                gzip.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
            }
            gzip.write(new byte[2 * BLOCK]);
        }
        return bytes.toByteArray();
    }

    /** The head of a plain file in a tape archive (POSIX.1-1988, ustar). */
    private static byte[] header(String name, int size) {
        var header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, "0000644\0");
        put(header, 108, "0000000\0");
        put(header, 116, "0000000\0");
        put(header, 124, "%011o\0".formatted(size));
        put(header, 136, "%011o\0".formatted(1_600_000_000));
        put(header, 148, "        ");
        put(header, 156, "0");
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte part : header) {
            sum += part & 0xff;
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, header, at, ascii.length);
    }

    void offerOn(SampleUpstream upstream) throws IOException {
        upstream.offer(project, filename(), content());
    }
}
