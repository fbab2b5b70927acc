package dev.flotilla.controller.wheels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.BuilderName;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildFolderTest {
    private static final PlatformSlug PLATFORM = WheelDocuments.platform("debian-12-x86_64");
    private static final String WHEEL = "some_project-1.0-cp311-cp311-linux_x86_64.whl";
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    @TempDir
    Path folder;

    private static Sdist sdist(Optional<Long> size) {
        return new Sdist(
                new ProjectName("some-project"),
                "1.0",
                "some_project-1.0.tar.gz",
                URI.create("https://mirror.example.org/some_project-1.0.tar.gz"),
                Sha256.of("sdist".getBytes(StandardCharsets.UTF_8)),
                size,
                size.map(ignored -> NOW));
    }

    private static WantedWheel wanted() {
        return new WantedWheel(
                PLATFORM, Interpreter.parse("3.11"), sdist(Optional.empty()), "no wheel upstream", List.of("main"));
    }

    private BuiltWheel built(BuildFolder builds) throws Exception {
        Path file = Files.writeString(builds.wheel(PLATFORM, WHEEL), "wheel");
        return new BuiltWheel(
                PLATFORM,
                WHEEL,
                file,
                Sha256.of("wheel".getBytes(StandardCharsets.UTF_8)),
                5,
                Optional.of(">=3.9"),
                Sha256.of("metadata".getBytes(StandardCharsets.UTF_8)),
                NOW,
                new Provenance(
                        sdist(Optional.of(7L)),
                        new BuilderName("debian-12"),
                        Interpreter.parse("3.11"),
                        Map.of("setuptools", "80.0"),
                        Optional.of(true)),
                builds.log(PLATFORM, WHEEL));
    }

    @Test
    void whatABuildLeavesComesBackAsItWas() throws Exception {
        var builds = new BuildFolder(folder);
        assertThat(builds.read()).isEqualTo(new BuildFolder.Contents(List.of(), List.of()));
        BuiltWheel built = built(builds);
        // Nothing has told of it yet: it may be half written.
        assertThat(builds.read().built()).isEmpty();
        builds.add(built);
        Path log = Files.writeString(builds.log(wanted()), "error: no such header");
        var failed = new FailedBuild(wanted(), new BuilderName("debian-12"), NOW, "no such header", Optional.of(log));
        builds.add(failed);
        assertThat(builds.read()).isEqualTo(new BuildFolder.Contents(List.of(built), List.of(failed)));
    }

    @Test
    void whatIsAboutAnotherFileIsRefusedByTheNameOfItsOwn() throws Exception {
        var builds = new BuildFolder(folder);
        builds.add(built(builds));
        Path description = builds.wheel(PLATFORM, WHEEL + ".json");
        Files.move(description, description.resolveSibling("other-1.0-py3-none-any.whl.json"));
        assertThatThrownBy(builds::read)
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageContaining("other-1.0-py3-none-any.whl.json is about " + WHEEL);
        Files.writeString(description, "{");
        assertThatThrownBy(builds::read).hasMessageContaining(".json");
    }
}
