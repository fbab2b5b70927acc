package dev.flotilla.controller.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.FleetName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A fleet begins. */
class InitCommandTest extends TypedVerbs {
    @Test
    void theConfigurationThatComesWithTheProgramIsValidAsWritten() throws IOException {
        byte[] written = Objects.requireNonNull(InitCommand.class.getResourceAsStream("fleet.conf"))
                .readAllBytes();
        Path file = Files.write(folder.resolve("fleet.conf"), written);
        assertThat(FleetConfiguration.load(file))
                .isInstanceOfSatisfying(
                        Loading.Loaded.class,
                        loaded -> assertThat(loaded.value()).asString().contains("my-fleet"));
        assertThat(InitCommand.template(new FleetName("acme"))).contains("name = \"acme\"");
    }

    @Test
    void initWritesAConfigurationAndKeysThatNobodyElseMayRead() throws IOException {
        assertThat(run("init", path("acme"))).isZero();
        assertThat(out.toString())
                .contains("The fleet acme")
                .contains("flotilla publish --config " + path("acme/fleet.conf"));
        var loading = FleetConfiguration.load(folder.resolve("acme/fleet.conf"));
        var fleet = ((Loading.Loaded<FleetConfiguration>) loading).value();
        assertThat(fleet.name()).isEqualTo(new FleetName("acme"));
        assertThat(fleet.trust().folder()).isEqualTo(folder.resolve("acme/trust"));
        for (String key : List.of("root.key", "targets.key")) {
            assertThat(Files.getPosixFilePermissions(
                            folder.resolve("acme/trust").resolve(key)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void initOverwritesNothing() throws IOException {
        run("init", path("acme"));
        List<byte[]> before = contents();
        assertThat(run("init", path("acme"))).isEqualTo(1);
        assertThat(err.toString())
                .contains("nothing is overwritten")
                .contains(path("acme/fleet.conf"))
                .contains(path("acme/trust/root.key"));
        assertThat(contents()).usingElementComparator(Arrays::compare).containsExactlyElementsOf(before);
        Files.delete(folder.resolve("acme/fleet.conf"));
        Files.delete(folder.resolve("acme/trust/timestamp.key"));
        assertThat(run("init", path("acme"))).isEqualTo(1);
        assertThat(folder.resolve("acme/fleet.conf")).doesNotExist();
    }

    @Test
    void initThatWasEndedBetweenKeysAndFileIsFinishedByTheNext() throws IOException {
        run("init", path("acme"));
        byte[] key = Files.readAllBytes(folder.resolve("acme/trust/root.key"));
        Files.delete(folder.resolve("acme/fleet.conf"));
        assertThat(run("init", path("acme"))).isZero();
        assertThat(folder.resolve("acme/fleet.conf")).exists();
        assertThat(Files.readAllBytes(folder.resolve("acme/trust/root.key"))).isEqualTo(key);
    }

    private List<byte[]> contents() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> {
                        try {
                            return Files.readAllBytes(file);
                        } catch (IOException failed) {
                            throw new AssertionError(failed);
                        }
                    })
                    .toList();
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsOneLine() throws IOException {
        Files.writeString(folder.resolve("file"), "in the way");
        assertThat(run("init", path("file/below"))).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("flotilla: can't write to " + path("file/below"))
                .doesNotContain("\tat ");
        assertThat(err.toString().lines()).hasSize(1);
    }

    @Test
    void initTakesTheNameThatItIsGivenAndRefusesWhatIsNone() throws IOException {
        assertThat(run("init", "--name", "harbour", path("x"))).isZero();
        assertThat(Files.readString(folder.resolve("x/fleet.conf"))).contains("name = \"harbour\"");
        assertThat(run("init", "--name", "Not A Name", path("y"))).isEqualTo(2);
        assertThat(err.toString()).contains("is no name for a fleet");
        assertThat(folder.resolve("y")).doesNotExist();
    }

    @Test
    void everyProblemOfAFleetConfIsListed() throws IOException {
        Path file = Files.writeString(folder.resolve("bad.conf"), """
                flotilla.fleet {
                  name = "Not A Name"
                  bukket { name = flotilla }
                  regions { east { nodes { east-1 { address = nowhere.example } } } }
                }
                """);
        for (String verb : List.of("publish", "status")) {
            assertThat(run(verb, "--config", file.toString())).isEqualTo(1);
            assertThat(err.toString())
                    .contains("4 problems in " + file)
                    .contains(file + ":2: flotilla.fleet.name:")
                    .contains("did you mean bucket?")
                    .contains(file + ":4:");
        }
    }
}
