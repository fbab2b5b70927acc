package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.local.sample.SampleIndexBuild;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sample as real pip sees it, through a plain file server. */
class SampleIndexTest {
    private static final Path SOURCES = Path.of("src/main/sample");

    @TempDir
    private static Path folder;

    private static Path index;

    @BeforeAll
    static void build() throws IOException {
        index = folder.resolve("index");
        SampleIndexBuild.build(SOURCES, index);
    }

    @Test
    void pipInstallsWithDependenciesExtrasAndAConsoleScript(@TempDir Path work) throws Exception {
        try (var server = FolderServer.start(index)) {
            var python = VirtualEnvironment.create(work);
            assertThat(python.pipInstall(server.address("simple/"), "flotilla-sample-app[charts]"))
                    .contains("flotilla-sample-harbour-1.0")
                    .contains("flotilla-sample-charts-1.0");
            assertThat(python.run("flotilla-sample")).isEqualTo("All ships are in the harbour at high tide.\n");
            assertThat(python.run("python", "-c", """
                    import flotilla_sample_charts as charts, os
                    print(os.path.getsize(charts.SOUNDINGS), charts.depth_at(3000000))
                    """)).startsWith("3145728 ");
            assertThat(python.run("pip", "check")).contains("No broken requirements");
        }
    }

    @Test
    void requiresPythonKeepsTheNewestVersionFromPythonsThatCantRunIt(@TempDir Path work) throws Exception {
        try (var server = FolderServer.start(index)) {
            var python = VirtualEnvironment.create(work);
            assertThat(python.pipInstall(server.address("simple/"), "flotilla-sample-tides"))
                    .contains("flotilla-sample-tides-2.0");
            assertThat(python.pipInstall(server.address("simple/"), "flotilla-sample-tides==1.0"))
                    .contains("flotilla-sample-tides-1.0");
        }
    }

    @Test
    void theSourceArchiveBuildsWithNothingButItself(@TempDir Path work) throws Exception {
        try (var server = FolderServer.start(index)) {
            var python = VirtualEnvironment.create(work);
            python.pipInstall(server.address("simple/"), "flotilla-sample-source");
            assertThat(python.run("python", "-c", "import flotilla_sample_source as k; print(k.knot())"))
                    .isEqualTo("bowline\n");
        }
    }

    @Test
    void buildingTwiceGivesTheSameBytesAndNothingOfAnEarlierBuildStays(@TempDir Path work) throws IOException {
        Path second = work.resolve("second");
        Files.createDirectories(second.resolve("simple/gone"));
        Files.writeString(second.resolve("simple/gone/index.html"), "an earlier build's");
        SampleIndexBuild.build(SOURCES, second);
        assertThat(digests(second)).isEqualTo(digests(index)).isNotEmpty();
    }

    private static Map<String, Sha256> digests(Path root) throws IOException {
        Map<String, Sha256> digests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                digests.put(root.relativize(file).toString(), Sha256.of(Files.readAllBytes(file)));
            }
        }
        return digests;
    }
}
