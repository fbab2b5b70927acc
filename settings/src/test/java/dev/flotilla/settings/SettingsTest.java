package dev.flotilla.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.RegionName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    record Listen(String host, int port) {}

    record Sample(
            RegionName region,
            Listen listen,
            ByteSize budget,
            Duration poll,
            List<String> names,
            boolean loud,
            Map<RegionName, Integer> weights,
            Optional<String> raw) {}

    private static Setting<Sample> sample(Settings settings) {
        var region = settings.required("region", RegionName::new);
        var listen = settings.section("listen", SettingsTest::listen);
        var budget = settings.size("budget", ByteSize.ofGiB(50), ByteSize.ofMiB(1));
        var poll =
                settings.duration("poll-interval", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofHours(1));
        var names = settings.list("names", List.of("a"), text -> text);
        var loud = settings.flag("loud", false);
        var weights = settings.named("weights", RegionName::new, (name, inner) -> {
            var weight = inner.integer("weight", 1, 0, 255);
            return inner.build(weight::get);
        });
        var raw = settings.raw("mirror");
        return settings.build(() -> new Sample(
                region.get(),
                listen.get(),
                budget.get(),
                poll.get(),
                names.get(),
                loud.get(),
                weights.get(),
                raw.get()));
    }

    private static Setting<Listen> listen(Settings settings) {
        var host = settings.optional("host", "0.0.0.0");
        var port = settings.requiredInteger("port", 0, 65_535);
        return settings.build(() -> {
            if (host.get().equals("nowhere")) {
                throw new IllegalArgumentException("nobody can listen nowhere");
            }
            return new Listen(host.get(), port.get());
        });
    }

    private static Loading<Sample> parse(String text) {
        return SettingsFile.parse(text, "sample.conf", "flotilla.sample", SettingsTest::sample);
    }

    private static List<String> problems(String text) {
        return switch (parse(text)) {
            case Loading.Loaded<Sample> loaded -> List.of("loaded: " + loaded.value());
            case Loading.Refused<Sample> refused ->
                refused.problems().stream().map(Problem::toString).toList();
        };
    }

    @Test
    void aRightFileBecomesItsValuesAndDefaults() {
        var loading = parse("""
                flotilla.sample {
                  region = east
                  listen { port = 8080 }
                  budget = 2 GiB
                  names = [ x, y ]
                  loud = yes
                  weights { east { weight = 3 }, west { } }
                  mirror { anything { goes = 1 } }
                }
                """);
        assertThat(loading)
                .isEqualTo(new Loading.Loaded<>(new Sample(
                        new RegionName("east"),
                        new Listen("0.0.0.0", 8080),
                        ByteSize.ofGiB(2),
                        Duration.ofSeconds(30),
                        List.of("x", "y"),
                        true,
                        Map.of(new RegionName("east"), 3, new RegionName("west"), 1),
                        Optional.of("{\"anything\":{\"goes\":1}}"))));
    }

    @Test
    void everyProblemIsReportedAtOnceWithItsLine() {
        assertThat(problems("""
                flotilla.sample {
                  region = "East"
                  listen { prot = 8080 }
                  budget = 2 parsecs
                  poll-interval = 30
                  loud = maybe
                  weights { east { weight = 300 }, West { } }
                  mirror = 5
                }
                other = 1
                """))
                .containsExactly(
                        "sample.conf:2: flotilla.sample.region: 'East' is no name for a region: use lower-case letters, digits and '-', beginning with a letter, at most 63 characters",
                        "sample.conf:3: flotilla.sample.listen.port: is missing",
                        "sample.conf:3: flotilla.sample.listen.prot: unknown key: did you mean port?",
                        "sample.conf:4: flotilla.sample.budget: 'parsecs' is no unit of size: use B, KiB, MiB, GiB or TiB",
                        "sample.conf:5: flotilla.sample.poll-interval: '30' has no unit: write 30s or 30ms",
                        "sample.conf:6: flotilla.sample.loud: 'maybe' is neither true nor false",
                        "sample.conf:7: flotilla.sample.weights.West: 'West' is no name for a region: use lower-case letters, digits and '-', beginning with a letter, at most 63 characters",
                        "sample.conf:7: flotilla.sample.weights.east.weight: 300 is out of range: between 0 and 255",
                        "sample.conf:8: flotilla.sample.mirror: has to be an object: mirror { … }",
                        "sample.conf:10: other: unknown here: all settings of this file stand below flotilla.sample");
    }

    @Test
    void keysThatDoNotFitTogetherAreAProblemOfTheirObject() {
        assertThat(problems("""
                flotilla.sample {
                  region = east
                  listen { host = nowhere, port = 1 }
                  weights { }
                }
                """)).containsExactly("sample.conf:3: flotilla.sample.listen: nobody can listen nowhere");
    }

    @Test
    void objectsWhoseOrderCountsStandOnLinesOfTheirOwn() {
        assertThat(ordered("a { in { zeta { }\n alpha { }\n middle { } } }"))
                .isEqualTo(new Loading.Loaded<>(List.of("zeta", "alpha", "middle")));
        assertThat(ordered("a { in { zeta { }, alpha { } } }"))
                .isEqualTo(new Loading.Refused<>(List.of(new Problem(
                        "sample.conf:1", "a.in", "their order counts: write each of them on a line of its own"))));
    }

    private static Loading<List<String>> ordered(String text) {
        return SettingsFile.parse(text, "sample.conf", "a", settings -> {
            var inner = settings.ordered("in", name -> name, (name, child) -> child.build(() -> name));
            return settings.build(() -> List.copyOf(inner.get().keySet()));
        });
    }

    @Test
    void aFileWithoutItsRootSaysWhichObjectItNeeds() {
        assertThat(problems("sample { }"))
                .contains("sample.conf: flotilla.sample: is missing: everything stands in one object of that name");
    }

    @Test
    void brokenSyntaxNamesItsLine() {
        assertThat(problems("flotilla.sample {\n  region = = 3\n}"))
                .singleElement()
                .asString()
                .startsWith("sample.conf:2: ");
        assertThat(problems("flotilla.sample { region = ${nobody-has-this} }"))
                .singleElement()
                .asString()
                .startsWith("sample.conf:1: ")
                .contains("nobody-has-this");
    }

    @Test
    void anIncludeIsRefused(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("other.conf"), "flotilla.sample { region = east }");
        assertThat(problems("include \"" + folder.resolve("other.conf") + "\""))
                .singleElement()
                .asString()
                .contains("is not followed");
        assertThat(problems("include file(\"" + folder.resolve("other.conf") + "\")"))
                .singleElement()
                .asString()
                .contains("is not followed");
    }

    @Test
    void aFileThatIsNotThereIsAProblemNotAnException(@TempDir Path folder) {
        Path missing = folder.resolve("missing.conf");
        assertThat(SettingsFile.load(missing, "flotilla.sample", SettingsTest::sample))
                .isEqualTo(
                        new Loading.Refused<>(List.of(new Problem(missing.toString(), "", "there is no such file"))));
    }
}
