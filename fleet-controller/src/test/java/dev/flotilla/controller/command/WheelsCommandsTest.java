package dev.flotilla.controller.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.WheelIndexPublisher;
import dev.flotilla.controller.wheels.BuildFolder;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.controller.wheels.plan.SampleIndex;
import dev.flotilla.controller.wheels.publish.Wheelwright;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.RegionName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Verbs about wheels. */
class WheelsCommandsTest extends TypedVerbs {
    /** A node that refuses connections at once, for nothing listens there. */
    private static final String REGIONS =
            "mirror { listen { port = 9 }, operations { port = 19 } }\nregions { east { nodes { east-1 { address = 127.0.94.1 } } } }\n";

    private static final RegionName EAST = new RegionName("east");
    private static final NodeName NODE = new NodeName("east-1");

    private static final String WHEELS = """
            wheels {
              branches { main { requirements = [ main.txt ] } }
              platforms { debian-12-x86_64 { library = "glibc 2.36", pythons = [ "3.11" ], builder = here } }
              builders { here { fabric = local } }
            }
            """;

    private static final Instant BUILT = Instant.parse("2026-11-01T10:00:00Z");

    /** The node says which indexes its mirror goes by. */
    private static void report(Bucket bucket, SortedMap<PlatformSlug, Sha256> indexes) {
        var report = new NodeReport(
                        new FleetName("acme"),
                        EAST,
                        NODE,
                        Instant.now(),
                        new NodeReport.Agent("test", 1),
                        Optional.empty(),
                        Optional.empty(),
                        NodeReport.Condition.HEALTHY,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .withWheels(Optional.of(new NodeReport.Wheels(1, Optional.empty(), indexes, Optional.empty())));
        assertThat(bucket.put(BucketLayout.report(EAST, NODE), report.toBytes(), Bucket.Condition.none()))
                .isInstanceOf(Bucket.Writing.Written.class);
    }

    /** The digests of what is signed. */
    private static SortedMap<PlatformSlug, Sha256> signed(Path file, Bucket bucket) throws IOException {
        SortedMap<PlatformSlug, Sha256> digests = new TreeMap<>();
        new WheelIndexPublisher(read(file), bucket, List.of(), Clock.systemUTC(), "", Fence.ALONE, line -> {})
                .read()
                .orElseThrow()
                .indexes()
                .readable()
                .forEach((platform, index) -> digests.put(platform, Sha256.of(index)));
        return digests;
    }

    private void pins(String text) throws IOException {
        Files.writeString(folder.resolve("acme/main.txt"), text);
    }

    @Test
    void withoutWheelsInTheFileEachVerbSaysWhatToAdd() throws IOException {
        try (var bucket = bucket()) {
            String file = fleet(bucket, REGIONS).toString();
            assertThat(run("wheels", "plan", "-C", file)).isEqualTo(1);
            assertThat(err.toString()).contains("builds no wheels: write wheels {");
            assertThat(run("wheels", "publish", "-C", file)).isEqualTo(1);
            assertThat(err.toString()).contains("says nothing of wheels: add wheels {");
            assertThat(run("wheels", "status", "-C", file)).isEqualTo(1);
            assertThat(err.toString()).contains("says nothing of wheels: add wheels {");
        }
    }

    @Test
    void planSaysWhatIsToBeBuiltWhatCanNotBeAndWhatCouldNotBeFoundOut() throws IOException {
        try (var bucket = bucket();
                var index = new SampleIndex()) {
            String file = fleet(bucket, REGIONS + WHEELS).toString();
            index.has("native", SampleIndex.file("native-1.0.tar.gz"))
                    .has("pure", SampleIndex.file("pure-2.0-py3-none-any.whl"));
            String url = index.at("/simple/").toString();
            pins("native==1.0\npure==2.0\nnever-seen==3.0\n");
            assertThat(run("wheels", "plan", "-C", file)).isEqualTo(1);
            assertThat(err.toString()).contains("none of the fleet's mirrors answers from here", "--index URL");

            String wanted = path("wanted.json");
            assertThat(run("wheels", "plan", "-C", file, "--index", url, "--out", wanted))
                    .as(err.toString())
                    .isEqualTo(2);
            assertThat(out.toString())
                    .contains("To build:\n  debian-12-x86_64, Python 3.11\n    native 1.0")
                    .contains("2 KiB")
                    .contains("Impossible:")
                    .contains("3 needed, 1 upstream, 0 built, 1 to build (2 KiB of sdists), 1 impossible");
            assertThat(Path.of(wanted)).content().contains("native-1.0.tar.gz").doesNotContain("pure");
            assertThat(run("wheels", "plan", "-C", file, "--index", url, "--json"))
                    .isEqualTo(2);
            assertThat(out.toString().lines())
                    .hasSize(6)
                    .allMatch(line -> line.startsWith("{\"event\": \""))
                    .anyMatch(line -> line.contains("\"project\": \"native\"") && line.contains("\"state\": \"build\""))
                    .anyMatch(line ->
                            line.contains("\"event\": \"summary\"") && line.contains("\"build\": 1,\"impossible\": 1"));

            assertThat(run("wheels", "plan", "-C", file, "--index", url, "--platform", "debian-13-x86_64"))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("builds for no platform debian-13-x86_64: there are debian-12-x86_64");
            assertThat(run("wheels", "plan", "-C", file, "--index", url, "--branch", "stable"))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("has no branch stable: there are main");
            assertThat(run("wheels", "plan", "-C", file, "--index", "nowhere")).isEqualTo(1);
            assertThat(run("wheels", "plan", "-C", file, "--from-mirrors", "--index", url))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("no mirror told what it has seen");

            pins("native==1.0 pure\nalso wrong ==\n");
            assertThat(run("wheels", "plan", "-C", file, "--index", url)).isEqualTo(1);
            assertThat(err.toString()).contains("2 problems in the files of branches:", "main.txt:1", "main.txt:2");
            pins("pure==2.0\n");
            assertThat(run("wheels", "plan", "-C", file, "--index", url)).isZero();
            pins("pure==2.0\nnative==1.0\n");
            index.fail("/simple/native/", 503);
            assertThat(run("wheels", "plan", "-C", file, "--index", url)).isEqualTo(1);
            assertThat(out.toString()).contains("Couldn't be found out:", "1 not known");
        }
    }

    @Test
    void cleanShowsWhatLeftItsIndexLongAgoAndDeletesItIfToldTo() throws IOException {
        try (var bucket = bucket();
                var index = new SampleIndex()) {
            String file = fleet(bucket, REGIONS + WHEELS.replace("platforms {", "delete-after = 1d, platforms {"))
                    .toString();
            assertThat(run("wheels", "clean", "-C", file)).isEqualTo(1);
            assertThat(err.toString()).contains("the fleet has no release yet. Run flotilla publish");
            program();
            assertThat(run("publish", "-C", file)).isZero();
            index.has("native", SampleIndex.file("native-1.0.tar.gz"));
            index.has("other", SampleIndex.file("other-1.0.tar.gz"));
            String url = index.at("/simple/").toString();
            var wheelwright = new Wheelwright(new BuildFolder(Path.of(path("built"))));
            wheelwright.build(Wheelwright.sdist("native", "1.0"), BUILT);
            wheelwright.build(Wheelwright.sdist("other", "1.0"), BUILT);
            assertThat(run("wheels", "publish", "-C", file, "--index", url, path("built")))
                    .isZero();
            index.fail("/simple/native/", 404);
            assertThat(run(
                            "wheels",
                            "publish",
                            "-C",
                            file,
                            "--index",
                            url,
                            Files.createDirectory(folder.resolve("none")).toString()))
                    .isZero();
            assertThat(out.toString()).contains("- native-1.0-cp311-cp311-linux_x86_64.whl: upstream has no project");
            assertThat(run("wheels", "clean", "-C", file)).isZero();
            assertThat(out.toString()).contains("There is nothing to delete.");
            ahead = Duration.ofDays(1).plusMinutes(10);
            assertThat(run("wheels", "clean", "-C", file)).isZero();
            assertThat(out.toString())
                    .contains("  - wheels/debian-12-x86_64/native/")
                    .contains("To delete them: flotilla wheels clean --yes")
                    .doesNotContain("/other/");
            JsonObject shown = cleaned(file);
            assertThat(shown.truth("deleted")).isFalse();
            assertThat(shown.sequence("objects")).isNotEmpty();
            JsonObject gone = cleaned(file, "--yes");
            assertThat(gone.truth("deleted")).isTrue();
            assertThat(gone.sequence("objects")).isEqualTo(shown.sequence("objects"));
            assertThat(gone.sequence("objects").toString()).contains("native-1.0-cp311-cp311-linux_x86_64.whl");
            JsonObject nothing = cleaned(file, "--yes");
            assertThat(nothing.sequence("objects")).isEmpty();
            assertThat(nothing.truth("deleted")).isFalse();
            assertThat(run("wheels", "clean", "-C", file, "--yes")).isZero();
            assertThat(out.toString()).contains("There is nothing to delete.");
            assertThat(run("audit", "-C", file)).isZero();
            assertThat(out.toString()).contains("wheels clean");
        }
    }

    private JsonObject cleaned(String file, String... options) {
        List<String> line = new ArrayList<>(List.of("wheels", "clean", "-C", file, "--json"));
        line.addAll(List.of(options));
        assertThat(run(line.toArray(String[]::new))).as(err.toString()).isZero();
        return new JsonReader(ByteSize.ofMiB(1)).object(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** A plan that needs these sdists, one of which is built already. */
    private String planned(SampleIndex index, String... sdists) throws IOException {
        List<WantedWheel> wanted = Stream.of(sdists)
                .map(filename -> filename.replace(".tar.gz", ""))
                .map(name -> Wheelwright.wanted(Wheelwright.sdist(
                        name.substring(0, name.lastIndexOf('-')), name.substring(name.lastIndexOf('-') + 1))))
                .toList();
        var plan = new WantedWheels(
                BUILT,
                index.at("/simple/"),
                wanted.subList(1, wanted.size()),
                wanted.subList(0, 1),
                Set.of(Wheelwright.PLATFORM));
        return Files.write(folder.resolve("plan.json"), plan.toBytes()).toString();
    }

    @Test
    void publishSaysThatAnIndexIsDamagedAndEndsOtherwiseThanWhereAllIsWell() throws IOException {
        try (var bucket = bucket();
                var index = new SampleIndex()) {
            Path written = fleet(
                    bucket,
                    REGIONS
                            + WHEELS.replace(
                                    "platforms {",
                                    "platforms { debian-13-x86_64 { library = \"glibc 2.41\", pythons = [ \"3.13\" ], builder = here },"));
            String url = index.at("/simple/").toString();
            index.has("native", SampleIndex.file("native-1.0.tar.gz"));
            String built = path("built");
            new Wheelwright(new BuildFolder(Path.of(built))).build(Wheelwright.sdist("native", "1.0"), BUILT);
            program();
            assertThat(run("publish", "-C", written.toString())).isZero();
            String[] publish = {"wheels", "publish", "-C", written.toString(), "--index", url, built};
            assertThat(run(publish)).as(err.toString()).isZero();
            PlatformSlug platform = Wheelwright.PLATFORM;
            try (Bucket objects = open(written)) {
                Sha256 digest = Objects.requireNonNull(signed(written, objects).get(platform));
                objects.put(
                        BucketLayout.target(TargetPath.wheels(platform), digest),
                        new byte[] {'{'},
                        Bucket.Condition.none());
            }
            assertThat(run(publish)).isEqualTo(3);
            assertThat(out.toString())
                    .contains("! debian-12-x86_64 stays as it is signed: ", "is damaged", "put back the bytes");
            assertThat(run("wheels", "publish", "-C", written.toString(), "--index", url, "--json", built))
                    .isEqualTo(3);
            assertThat(out.toString()).contains("\"damaged\": {", "\"debian-12-x86_64\": \"");
            assertThat(run(
                            "wheels",
                            "publish",
                            "-C",
                            written.toString(),
                            "--index",
                            url,
                            "--platform",
                            "debian-13-x86_64",
                            built))
                    .as("another platform's damage is nothing to whoever means only this one")
                    .isZero();
            assertThat(out.toString()).doesNotContain("stays as it is signed");
        }
    }

    @Test
    void publishAndStatusSayWhatThereIsWhatWasRefusedAndWhatFailed() throws IOException {
        try (var bucket = bucket();
                var index = new SampleIndex()) {
            Path written = fleet(bucket, REGIONS + WHEELS);
            String file = written.toString();
            String url = index.at("/simple/").toString();
            String built = path("built");
            assertThat(run("wheels", "status", "-C", file)).isEqualTo(1);
            assertThat(err.toString()).contains("the fleet has no release yet. Run flotilla publish");
            assertThat(run("wheels", "publish", "-C", file, "--index", url, built))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("there is no folder " + built + ": flotilla wheels build makes it");

            var wheelwright = new Wheelwright(new BuildFolder(Path.of(built)));
            wheelwright.build(Wheelwright.sdist("native", "1.0"), BUILT);
            assertThat(run("wheels", "publish", "-C", file, "--index", url, "--plan", path("no.json"), built))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("no.json", "flotilla wheels plan --out");
            String nonsense =
                    Files.writeString(folder.resolve("nonsense.json"), "{}").toString();
            assertThat(run("wheels", "publish", "-C", file, "--index", url, "--plan", nonsense, built))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("nonsense.json is no plan: ");
            index.has("native", SampleIndex.file("native-1.0.tar.gz"));
            assertThat(run("wheels", "publish", "-C", file, "--index", url, built))
                    .isEqualTo(1);
            assertThat(out.toString()).contains("uploading wheels/debian-12-x86_64/native/");
            assertThat(err.toString()).contains("not published: ", "flotilla publish");

            program();
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(run("wheels", "status", "-C", file)).isEqualTo(1);
            assertThat(out.toString()).contains("debian-12-x86_64\n  nothing is published", "east/east-1: silent");
            assertThat(run("wheels", "publish", "-C", file, "--index", url, built))
                    .as(err.toString())
                    .isZero();
            assertThat(out.toString())
                    .contains("debian-12-x86_64 + native-1.0-cp311-cp311-linux_x86_64.whl")
                    .contains("Published; every node brings it");
            assertThat(run("wheels", "publish", "-C", file, "--index", url, built))
                    .isZero();
            assertThat(out.toString()).contains("Nothing has changed.").doesNotContain("uploading");

            wheelwright.build(Wheelwright.sdist("theirs", "1.0"), BUILT);
            wheelwright.fail(Wheelwright.sdist("native", "2.0"), BUILT, "it has no build back end");
            assertThat(run("wheels", "publish", "-C", file, "--index", url, "--json", built))
                    .isEqualTo(3);
            assertThat(out.toString())
                    .startsWith("{")
                    .contains("\"result\": \"published\"", "\"wheels\": 1", "theirs-1.0-cp311");
            assertThat(run("wheels", "publish", "-C", file, "--platform", "debian-13-x86_64", built))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("fleet.conf has no platform debian-13-x86_64");

            assertThat(run("wheels", "status", "-C", file)).isEqualTo(1);
            assertThat(out.toString()).contains("1 wheels of 1 projects, 1 builds failed", "it has no build back end");
            wheelwright.build(Wheelwright.sdist("native", "2.0"), BUILT.plusSeconds(60));
            index.has("native", SampleIndex.file("native-2.0.tar.gz"));
            assertThat(run("wheels", "publish", "-C", file, "--index", url, built))
                    .isEqualTo(3);
            try (Bucket objects = open(written)) {
                report(objects, signed(written, objects));
            }
            assertThat(run("wheels", "status", "-C", file)).as(out.toString()).isZero();
            assertThat(out.toString()).contains("2 wheels of 1 projects, 0 builds failed", "east/east-1: current");
            assertThat(run("wheels", "status", "-C", file, "--json")).isZero();
            assertThat(out.toString())
                    .contains("\"debian-12-x86_64\": {", "\"wheels\": 2", "\"east/east-1\": \"current\"")
                    .doesNotContain("coverage");
            String plan = planned(index, "native-1.0.tar.gz", "native-2.0.tar.gz", "never-built-3.0.tar.gz");
            assertThat(run("wheels", "status", "-C", file, "--plan", plan)).isZero();
            assertThat(out.toString()).contains("\n  2 of 3 that the plan needs are published (66 %)\n");
            assertThat(run("wheels", "status", "-C", file, "--plan", plan, "--json"))
                    .isZero();
            assertThat(out.toString()).containsPattern("\"coverage\": \\{\\s*\"needed\": 3,\\s*\"published\": 2\\s*}");
            assertThat(run("wheels", "status", "-C", file, "--plan", path("no.json")))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("no.json", "flotilla wheels plan --out");
            try (Bucket objects = open(written)) {
                report(objects, new TreeMap<>());
            }
            assertThat(run("wheels", "status", "-C", file)).isEqualTo(1);
            assertThat(out.toString()).contains("east/east-1: none");
        }
    }
}
