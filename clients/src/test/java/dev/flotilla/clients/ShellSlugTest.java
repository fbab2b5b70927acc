package dev.flotilla.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.RegionName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What scripts find out about the platform that they run on, in real shells. */
class ShellSlugTest {
    private static final Base BASE =
            new Base(false, Authority.parse("east.example.org:8080").orElseThrow());

    @TempDir
    private Path folder;

    private static String text(ClientFile file) {
        var region = new RegionDescription(
                new RegionName("east"),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                List.of(),
                Optional.empty());
        return new ClientFiles(BASE, new Index.Plain(), region).text(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void theVectorsHoldInAShell(String shell) throws Exception {
        List<String> lines = Files.readAllLines(Path.of("..", "docs", "reference", "platform-slugs.tsv"));
        String info = text(ClientFile.MIRROR_INFO);
        var script = new StringBuilder(info.substring(0, info.indexOf("export NODEPOOL_MIRROR_HOST")));
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split("\t", -1);
            script.append("flotilla_slug ");
            for (int i = 0; i < 3; i++) {
                script.append(Quoted.shell(fields[i])).append(' ');
            }
            script.append("|| echo -\n");
        }
        // What no line of the data file can hold.
        script.append("flotilla_slug debian '12\nx' x86_64 || echo -\n");
        Path file = Files.writeString(folder.resolve("script"), script);
        String expected =
                lines.stream()
                                .skip(1)
                                .map(line -> line.split("\t", -1)[3] + "\n")
                                .collect(Collectors.joining()) + "-\n";
        assertThat(Program.said(folder, command(shell, file.toString()))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void aJobThatSourcesMirrorInfoHasOpenDevsVariables(String shell) throws Exception {
        Path root = root("debian", "12.4");
        Files.writeString(folder.resolve("mirror_info.sh"), text(ClientFile.MIRROR_INFO));
        Path job = Files.writeString(folder.resolve("job"), """
                set -eu
                . "%s/mirror_info.sh"
                echo "$NODEPOOL_MIRROR_HOST $NODEPOOL_PYPI_MIRROR $NODEPOOL_WHEEL_MIRROR $AFS_SLUG"
                sh -c 'echo "$NODEPOOL_PYPI_MIRROR"'
                if command -v flotilla_slug; then exit 1; fi
                """.formatted(folder));
        String slug =
                PlatformSlug.of("debian", "12", System.getProperty("os.arch")).toString();
        var plain = Program.run(folder, Map.of("FLOTILLA_ROOT", root.toString()), command(shell, job.toString()));
        assertThat(plain.output())
                .isEqualTo("east.example.org http://east.example.org:8080/simple/ http://east.example.org:8080/wheel/"
                        + slug + " " + slug + "\nhttp://east.example.org:8080/simple/\n");
        assertThat(plain.code()).isZero();

        var overridden = Program.run(
                folder,
                Map.of(
                        "FLOTILLA_ROOT",
                        root.toString(),
                        "NODEPOOL_PYPI_MIRROR",
                        "https://own.example/simple",
                        "AFS_SLUG",
                        "ubuntu-22.04-x86_64"),
                command(shell, job.toString()));
        assertThat(overridden.output())
                .as("what a job has set stays")
                .contains("https://own.example/simple http://east.example.org:8080/wheel/ubuntu-22.04-x86_64 ubuntu");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void theScriptTellsThePlatformAndRefusesWhatItDoesNotKnow(String shell) throws Exception {
        Path script = Files.writeString(folder.resolve("client.sh"), text(ClientFile.SCRIPT));
        var slug = Program.run(
                folder,
                Map.of("FLOTILLA_ROOT", root("ubuntu", "24.04").toString()),
                command(shell, script.toString(), "slug"));
        assertThat(slug.output()).isEqualTo(PlatformSlug.of("ubuntu", "24.04", System.getProperty("os.arch")) + "\n");
        var unknown = Program.run(
                folder, Map.of("FLOTILLA_ROOT", folder.toString()), command(shell, script.toString(), "slug"));
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.output()).contains("no platform that has a slug");
        var wrong = Program.run(folder, Map.of(), command(shell, script.toString(), "../etc/passwd"));
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.output()).contains("name pip.conf, uv.toml");
    }

    private Path root(String id, String version) throws Exception {
        Path etc = Files.createDirectories(folder.resolve("root/etc"));
        Files.writeString(etc.resolve("os-release"), "ID=" + id + "\nVERSION_ID=\"" + version + "\"\n");
        return folder.resolve("root");
    }

    private static String[] command(String shell, String... arguments) {
        var words = new ArrayList<>(List.of(shell.split(" ", -1)));
        words.addAll(List.of(arguments));
        return words.toArray(String[]::new);
    }
}
