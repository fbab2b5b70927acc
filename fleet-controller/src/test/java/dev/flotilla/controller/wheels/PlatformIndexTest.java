package dev.flotilla.controller.wheels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.BuilderName;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
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
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The index as the controller writes it, by the example that the mirror's own test reads. */
class PlatformIndexTest {
    private static final Path EXAMPLE = Path.of("..", "docs", "reference", "wheel-index-example.json");
    private static final PlatformSlug PLATFORM = WheelDocuments.platform("debian-12-x86_64");
    private static final Instant NOW = Instant.parse("2026-02-28T03:00:00Z");

    private static Sha256 digest(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Sdist sdist(String version) {
        return new Sdist(
                new ProjectName("some-project"),
                version,
                "some_project-" + version + ".tar.gz",
                URI.create("https://mirror.example.org/packages/some_project-" + version + ".tar.gz"),
                digest("sdist " + version),
                Optional.of(4321L),
                Optional.of(Instant.parse("2024-05-01T10:00:00Z")));
    }

    private static PlatformIndex example() {
        Interpreter python = Interpreter.parse("3.11");
        var builder = new BuilderName("debian-12");
        var wheel = new PublishedWheel(
                "some_project-1.0+local-cp311-cp311-linux_x86_64.whl",
                digest("wheel"),
                12_345,
                Optional.of(">=3.9"),
                digest("metadata"),
                NOW.minusSeconds(60),
                new Provenance(
                        sdist("1.0"),
                        builder,
                        python,
                        Map.of("gcc", "12.2.0", "setuptools", "80.0"),
                        Optional.of(true)),
                NOW.minusSeconds(30),
                Optional.of(NOW.minusSeconds(40)),
                Optional.of(NOW));
        var failed = new FailedBuild(
                new WantedWheel(PLATFORM, python, sdist("2.0"), "no wheel upstream", List.of("main")),
                builder,
                NOW.minusSeconds(10),
                "no such header: ffi.h",
                Optional.empty());
        return new PlatformIndex(
                PLATFORM,
                Machine.of("x86_64", Machine.Library.GLIBC, "2.36"),
                NOW,
                new TreeMap<>(Map.of(wheel.filename(), wheel)),
                List.of(failed),
                List.of(new RetiredWheel(
                        new ProjectName("some-project"),
                        digest("retired"),
                        "some_project-0.9-cp311-cp311-linux_x86_64.whl",
                        NOW.minusSeconds(5))));
    }

    @Test
    void itIsWrittenAsTheExampleForMirrorsSaysAndReadAsItWas() throws IOException {
        byte[] written = Files.readAllBytes(EXAMPLE);
        assertThat(new String(example().toBytes(), StandardCharsets.UTF_8))
                .isEqualTo(new String(written, StandardCharsets.UTF_8));
        assertThat(PlatformIndex.parse(written)).isEqualTo(example());
    }

    @Test
    void whatIsNoIndexIsMalformed() {
        String right = new String(example().toBytes(), StandardCharsets.UTF_8);
        for (String wrong : List.of(
                right.replace("\"format\": 1", "\"format\": 2"),
                right.replace("\"debian-12-x86_64\"", "\"debian-12.1-x86_64\""),
                right.replace("glibc", "libc"),
                right.replace("some_project-1.0+local-cp311", "other-1.0+local-cp311"),
                right.replace("_flotilla", "_other"))) {
            assertThat(wrong).isNotEqualTo(right);
            assertThatThrownBy(() -> PlatformIndex.parse(wrong.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(MalformedJsonException.class);
        }
    }
}
