package dev.flotilla.controller.wheels;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder that building leaves and publishing takes. Nobody else builds a path in it.
 *
 * <pre>
 * ‹platform›/‹wheel›.whl           a wheel, beside it ‹wheel›.whl.log, what the build said, and
 * ‹platform›/‹wheel›.whl.json      what is known of it, written last: without it the wheel isn't there
 * .work, .sources                  what is only needed while something is built, and what it is built of, by digest
 * ‹platform›/failed/‹digest›.json  a build that gave none, beside it ‹digest›.log
 * </pre>
 */
public record BuildFolder(Path path) {
    /** What is known of one build. */
    private static final ByteSize LARGEST = ByteSize.ofMiB(1);

    private static final String DESCRIPTION = ".json";
    private static final String LOG = ".log";
    private static final String WHEEL = ".whl";
    private static final String FAILED = "failed";

    /** Where a wheel goes before {@link #add} tells of it. */
    public Path wheel(PlatformSlug platform, String filename) throws IOException {
        return Files.createDirectories(path.resolve(platform.toString())).resolve(filename);
    }

    /** Where what its build said goes. */
    public Path log(PlatformSlug platform, String filename) throws IOException {
        return wheel(platform, filename + LOG);
    }

    /** Tells of a wheel that lies in the folder, and its log likewise. */
    public void add(BuiltWheel wheel) throws IOException {
        if (!wheel.file().equals(wheel(wheel.platform(), wheel.filename()))
                || !wheel.log().equals(log(wheel.platform(), wheel.filename()))) {
            throw new IllegalArgumentException(wheel.file() + " and " + wheel.log() + " aren't where they belong");
        }
        Disk.replace(
                wheel(wheel.platform(), wheel.filename() + DESCRIPTION), JsonWriter.bytes(WheelDocuments.json(wheel)));
    }

    /** Where what a build that gave no wheel said goes. */
    public Path log(WantedWheel wanted) throws IOException {
        return failed(wanted, LOG);
    }

    /** Tells of a build that gave no wheel. */
    public void add(FailedBuild failed) throws IOException {
        Disk.replace(failed(failed.wanted(), DESCRIPTION), JsonWriter.bytes(WheelDocuments.json(failed)));
    }

    /** What failed before doesn't any more. */
    public void forget(WantedWheel wanted) throws IOException {
        Files.deleteIfExists(failed(wanted, DESCRIPTION));
        Files.deleteIfExists(failed(wanted, LOG));
    }

    /** Where builds have what nobody needs after them. */
    public Path workplace() {
        return path.resolve(".work");
    }

    /** Where what was downloaded is kept, by digest. */
    public Path sources() {
        return path.resolve(".sources");
    }

    private Path failed(WantedWheel wanted, String ending) throws IOException {
        Path home = Files.createDirectories(
                path.resolve(wanted.platform().toString()).resolve(FAILED));
        String what = wanted.sdist().digest() + " " + wanted.interpreter();
        return home.resolve(Sha256.of(what.getBytes(StandardCharsets.UTF_8)).hex() + ending);
    }

    /** What is in the folder. */
    public record Contents(List<BuiltWheel> built, List<FailedBuild> failed) {
        public Contents {
            built = List.copyOf(built);
            failed = List.copyOf(failed);
        }
    }

    /** Reads it; {@link MalformedJsonException} names the file that is none of ours. */
    public Contents read() throws IOException {
        List<BuiltWheel> built = new ArrayList<>();
        List<FailedBuild> failed = new ArrayList<>();
        for (Path platform : entries(path)) {
            for (Path description : entries(platform)) {
                String name = name(description);
                if (name.endsWith(WHEEL + DESCRIPTION)) {
                    Path wheel = description.resolveSibling(name.substring(0, name.length() - DESCRIPTION.length()));
                    BuiltWheel one = parsed(
                            description,
                            json -> WheelDocuments.builtWheel(json, wheel, wheel.resolveSibling(name(wheel) + LOG)));
                    if (!one.filename().equals(name(wheel))
                            || !one.platform().toString().equals(name(platform))) {
                        throw new MalformedJsonException(
                                description + " is about " + one.filename() + " for " + one.platform());
                    }
                    built.add(one);
                }
            }
            for (Path description : entries(platform.resolve(FAILED))) {
                String name = name(description);
                if (name.endsWith(DESCRIPTION)) {
                    Path log =
                            description.resolveSibling(name.substring(0, name.length() - DESCRIPTION.length()) + LOG);
                    failed.add(parsed(
                            description,
                            json -> WheelDocuments.failedBuild(
                                    json, Optional.of(log).filter(Files::exists))));
                }
            }
        }
        return new Contents(built, failed);
    }

    /** Reads a document in a certain form. */
    private interface Form<T> {
        T of(JsonObject json);
    }

    private static <T> T parsed(Path file, Form<T> form) throws IOException {
        try {
            return form.of(new JsonReader(LARGEST).object(Files.readAllBytes(file)));
        } catch (MalformedJsonException malformed) {
            throw new MalformedJsonException(file + ": " + malformed.getMessage());
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (NoSuchFileException gone) {
            return List.of();
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
