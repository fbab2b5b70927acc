package dev.flotilla.controller.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.BuilderName;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WheelsSettingsTest {
    private static final String FLEET = """
            flotilla.fleet {
            name = a, bucket { name = abc }
            regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
            wheels {
            """;

    private static final String WHOLE = """
            branches {
              main { requirements = [ constraints/main.txt, ../pylock.toml ] }
              "stable/2026" { requirements = [ /srv/stable.txt ] }
            }
            platforms {
              "ubuntu-24.04-aarch64" { library = "glibc 2.39", pythons = [ "3.12", 3.13t ], builder = noble }
              "alpine-3.19-x86_64" { library = "musl 1.2", pythons = [ "3.11" ], builder = here, branches = [ main ] }
            }
            builders {
              noble { ssh { host = 192.0.2.40, user = builder }, parallel = 4 }
              here { fabric = local, folder = /srv/builds }
            }
            """;

    @TempDir
    private Path folder;

    @Test
    void aFleetBuildsNoWheelsUnlessItSaysSo() throws IOException {
        assertThat(fleet(FLEET.replace("wheels {", "") + "}"))
                .isInstanceOfSatisfying(
                        Loading.Loaded.class,
                        loaded -> assertThat(((FleetConfiguration) loaded.value()).wheels())
                                .isEmpty());
    }

    @Test
    void whatIsWrittenIsWhatIsBuilt() throws IOException {
        WheelsSettings wheels = wheels(WHOLE);
        assertThat(wheels.branches())
                .containsOnlyKeys("main", "stable/2026")
                .containsEntry(
                        "main", List.of(folder.resolve("constraints/main.txt"), folder.resolveSibling("pylock.toml")))
                .containsEntry("stable/2026", List.of(Path.of("/srv/stable.txt")));
        assertThat(wheels.platforms().keySet())
                .containsExactly(
                        PlatformSlug.of("ubuntu", "24.04", "aarch64"), PlatformSlug.of("alpine", "3.19", "x86_64"));
        WheelPlatform noble = wheels.platforms().values().iterator().next();
        assertThat(noble)
                .isEqualTo(new WheelPlatform(
                        PlatformSlug.of("ubuntu", "24.04", "aarch64"),
                        new Machine("aarch64", Machine.Library.GLIBC, 2, 39),
                        List.of(new Interpreter(12, false), new Interpreter(13, true)),
                        new BuilderName("noble"),
                        List.of()));
        assertThat(wheels.builderOf(noble).login().host()).contains("192.0.2.40");
        assertThat(wheels.builderOf(noble).folder()).isEqualTo("/var/tmp/flotilla-wheels");
        assertThat(wheels.builders())
                .hasEntrySatisfying(
                        new BuilderName("here"),
                        here -> assertThat(here.fabric()).isEqualTo(FabricKind.LOCAL));
        assertThat(wheels.limits().time()).isEqualTo(Duration.ofMinutes(30));
    }

    @Test
    void everyProblemIsToldAtOnceWithItsLine() throws IOException {
        assertThat(problems("""
                branches {
                  "a b" { requirements = [ a.txt ] }
                }
                platforms {
                  "debian-12.1-amd64" { library = "glibc 2.36", pythons = [ "3.11" ], builder = here }
                  ubuntu-24.04-x86_64 { library = "glibc 2.36", pythons = [ "3.11" ], builder = here }
                  debian-11-x86_64 { library = 2.31, pythons = [], builder = here }
                  debian-12-x86_64 { library = "libc 2.36", pythons = [ "2.7", "3.12t" ], builder = Here }
                }
                builders { here { fabric = local } }
                limits { memory = 1 MiB }
                """))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("fleet.conf:6:").contains("'a b' is no name for a branch"),
                        line -> assertThat(line)
                                .startsWith("fleet.conf:9:")
                                .contains("another spelling of debian-12-x86_64"),
                        line -> assertThat(line)
                                .startsWith("fleet.conf:10:")
                                .contains("'ubuntu-24' is no platform", "in quotes"),
                        line -> assertThat(line).startsWith("fleet.conf:11:").contains("'2.31' is no C library"),
                        line -> assertThat(line).startsWith("fleet.conf:12:").contains("'Here' is no name"),
                        line -> assertThat(line).startsWith("fleet.conf:12:").contains("'libc' is no C library"),
                        line -> assertThat(line).startsWith("fleet.conf:12:").contains("'2.7' is no version"),
                        line -> assertThat(line).startsWith("fleet.conf:12:").contains("no interpreter: 3.12"),
                        line -> assertThat(line).startsWith("fleet.conf:15:").contains("too small"));
    }

    @Test
    void buildersAndBranchesOfAPlatformAreThere() throws IOException {
        assertThat(problems(WHOLE.replace("builder = noble", "builder = focal")))
                .singleElement()
                .asString()
                .contains("platforms.ubuntu-24.04-aarch64.builder: there is no builder focal");
        assertThat(problems(WHOLE.replace("branches = [ main ]", "branches = [ stable ]")))
                .singleElement()
                .asString()
                .contains("platforms.alpine-3.19-x86_64.branches: there is no branch stable");
        assertThat(problems(WHOLE.replace("[ /srv/stable.txt ]", "[]")))
                .singleElement()
                .asString()
                .contains("branches.stable/2026", "has to name a file at least");
        assertThat(problems(WHOLE.replace("fabric = local", "fabric = static")))
                .singleElement()
                .asString()
                .contains("builders.here", "nobody has said where it is");
        assertThat(problems(WHOLE.replace("\"3.12\", 3.13t", "\"3.12\", 3.12")))
                .singleElement()
                .asString()
                .contains("pythons names one twice");
    }

    private WheelsSettings wheels(String text) throws IOException {
        return switch (fleet(FLEET + text + "} }")) {
            case Loading.Loaded<FleetConfiguration>(var fleet) -> fleet.wheels().orElseThrow();
            case Loading.Refused<FleetConfiguration>(var problems) -> throw new AssertionError(problems);
        };
    }

    private List<String> problems(String text) throws IOException {
        return switch (fleet(FLEET + text + "} }")) {
            case Loading.Loaded<FleetConfiguration> loaded -> throw new AssertionError(loaded);
            case Loading.Refused<FleetConfiguration>(var problems) ->
                problems.stream()
                        .map(problem -> problem.toString().replace(folder + "/", ""))
                        .toList();
        };
    }

    private Loading<FleetConfiguration> fleet(String text) throws IOException {
        return FleetConfiguration.load(Files.writeString(folder.resolve("fleet.conf"), text));
    }
}
