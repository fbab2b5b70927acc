package dev.flotilla.controller.wheels.publish;

import dev.flotilla.controller.wheels.BuildFolder;
import dev.flotilla.controller.wheels.BuiltWheel;
import dev.flotilla.controller.wheels.FailedBuild;
import dev.flotilla.controller.wheels.Provenance;
import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.WheelDocuments;
import dev.flotilla.vocabulary.BuilderName;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes small wheels as a builder leaves them. */
public record Wheelwright(BuildFolder folder) {
    public static final PlatformSlug PLATFORM = WheelDocuments.platform("debian-12-x86_64");
    static final Interpreter PYTHON = Interpreter.parse("3.11");
    private static final BuilderName BUILDER = new BuilderName("debian-12");

    public static Sdist sdist(String project, String version) {
        String filename = project.replace('-', '_') + "-" + version + ".tar.gz";
        return new Sdist(
                ProjectName.of(project),
                version,
                filename,
                URI.create("https://mirror.example.org/" + filename),
                Sha256.of(filename.getBytes(StandardCharsets.UTF_8)),
                Optional.of(100L),
                Optional.of(Instant.parse("2020-01-01T00:00:00Z")));
    }

    public static WantedWheel wanted(Sdist sdist) {
        return new WantedWheel(PLATFORM, PYTHON, sdist, "no wheel upstream", List.of("main"));
    }

    static String filename(Sdist sdist) {
        return sdist.project().normal().replace('-', '_') + "-" + sdist.version() + "-cp311-cp311-linux_x86_64.whl";
    }

    public BuiltWheel build(Sdist sdist, Instant when) throws IOException {
        return build(sdist, when, "content");
    }

    BuiltWheel build(Sdist sdist, Instant when, String content) throws IOException {
        return build(sdist, when, content, PLATFORM, filename(sdist));
    }

    BuiltWheel build(Sdist sdist, Instant when, String content, PlatformSlug platform, String filename)
            throws IOException {
        Path file = folder.wheel(platform, filename);
        byte[] metadata = ("Metadata-Version: 2.1\nName: " + sdist.project() + "\nVersion: " + sdist.version() + "\n")
                .getBytes(StandardCharsets.UTF_8);
        String home = sdist.project().normal().replace('-', '_') + "-" + sdist.version() + ".dist-info/";
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            entry(zip, "module.py", content.getBytes(StandardCharsets.UTF_8));
            entry(zip, home + "METADATA", metadata);
        }
        byte[] bytes = Files.readAllBytes(file);
        Path log = Files.writeString(folder.log(platform, filename), "built " + content + "\n");
        var wheel = new BuiltWheel(
                platform,
                filename,
                file,
                Sha256.of(bytes),
                bytes.length,
                Optional.of(">=3.9"),
                Sha256.of(metadata),
                when,
                new Provenance(sdist, BUILDER, PYTHON, Map.of("setuptools", "80"), Optional.of(true)),
                log);
        folder.add(wheel);
        return wheel;
    }

    private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
        var entry = new ZipEntry(name);
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    public void fail(Sdist sdist, Instant when, String reason) throws IOException {
        folder.add(new FailedBuild(wanted(sdist), BUILDER, when, reason, Optional.empty()));
    }
}
