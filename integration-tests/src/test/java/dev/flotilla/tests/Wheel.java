package dev.flotilla.tests;

import dev.flotilla.vocabulary.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGeneratorFactory;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A small wheel (PEP 427) with one module that prints its version, and as many bytes of ballast as a test wants. */
final class Wheel implements PackageFile {
    private final String project;
    private final String version;
    private final byte[] content;

    private Wheel(String project, String version, byte[] content) {
        this.project = project;
        this.version = version;
        this.content = content;
    }

    static Wheel of(String project, String version, int ballastBytes, String... requirements) {
        String module = project.replace('-', '_');
        String information = module + "-" + version + ".dist-info/";
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(module + ".py", text("VERSION = '" + version + "'\n"));
        if (ballastBytes > 0) {
            byte[] ballast = new byte[ballastBytes];
            RandomGeneratorFactory.of("L64X128MixRandom").create(ballastBytes).nextBytes(ballast);
            files.put(module + "_ballast.bin", ballast);
        }
        var metadata = new StringBuilder("Metadata-Version: 2.1\nName: " + project + "\nVersion: " + version + "\n");
        List.of(requirements)
                .forEach(requirement ->
                        metadata.append("Requires-Dist: ").append(requirement).append('\n'));
        files.put(information + "METADATA", text(metadata.toString()));
        files.put(
                information + "WHEEL",
                text("Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"));
        var record = new StringBuilder();
        files.forEach(
                (name, content) -> record.append(name + ",sha256=" + digest(content) + "," + content.length + "\n"));
        files.put(
                information + "RECORD",
                text(record.append(information).append("RECORD,,\n").toString()));
        return new Wheel(project, version, zip(files));
    }

    @Override
    public String project() {
        return project;
    }

    @Override
    public byte[] content() {
        return content.clone();
    }

    @Override
    public String filename() {
        return project.replace('-', '_') + "-" + version + "-py3-none-any.whl";
    }

    private static byte[] zip(Map<String, byte[]> files) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var file : files.entrySet()) {
                var entry = new ZipEntry(file.getKey());
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(file.getValue());
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static String digest(byte[] content) {
        MessageDigest digester = Sha256.digester();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digester.digest(content));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
