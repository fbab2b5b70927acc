package dev.flotilla.controller.wheels.plan;

import static dev.flotilla.controller.wheels.plan.SampleIndex.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.controller.wheels.plan.WheelPlanner.Outcome;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WheelPlannerTest {
    private static final String DEBIAN = "debian-12-x86_64";
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
    private static final String FLEET = """
            flotilla.fleet {
              name = a, bucket { name = abc }
              regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
              wheels {
                branches { main { requirements = [ main.txt ] }, old { requirements = [ old.txt ] } }
                platforms {
                  debian-12-x86_64 { library = "glibc 2.36", pythons = [ "3.11" ], builder = here, branches = [ main ] }
                  "alpine-3.19-aarch64" { library = "musl 1.2", pythons = [ "3.11", "3.12" ], builder = here, branches = [ old ] }
                }
                builders { here { fabric = local } }
              }
            }
            """;

    @TempDir
    private Path folder;

    private SampleIndex index = nothing();

    @BeforeEach
    void begin() throws IOException {
        index = new SampleIndex();
        write("old.txt", "");
    }

    @AfterEach
    void end() {
        index.close();
    }

    private static SampleIndex nothing() {
        try {
            return new SampleIndex();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void whatUpstreamHasAWheelForIsNotBuilt() throws Exception {
        index.has("a", file("a-1.tar.gz"), file("a-1-cp311-cp311-manylinux_2_17_x86_64.whl"));
        index.has("b", file("b-1.tar.gz"), file("b-1-py3-none-any.whl"));
        index.has("c", file("c-1.tar.gz"), file("c-1-cp310-cp310-manylinux_2_17_x86_64.whl"));
        index.has("d", file("d-1.tar.gz"), file("d-1-cp311-cp311-manylinux_2_38_x86_64.whl"));
        index.has("e", file("e-1.tar.gz"), file("e-1-cp311-cp311-musllinux_1_2_x86_64.whl"));
        assertThat(states("a===1", "b===1", "c===1", "d===1", "e===1"))
                .containsExactly("a 1 upstream", "b 1 upstream", "c 1 build", "d 1 build", "e 1 build");
    }

    @Test
    void anIndexLeadsOnWithinItselfAndToNobodyElse() throws Exception {
        try (var other = new SampleIndex()) {
            other.has("away", file("away-1.tar.gz"));
            index.lead("/simple/away/", other.at("/simple/away/").toString());
            index.page("/moved/near/", JsonObject.EMPTY, file("near-1.tar.gz"));
            index.lead("/simple/near/", "/moved/near/");
            index.lead("/simple/round/", "/simple/round/");
            assertThat(reasons(plan("away==1", "near==1", "round==1")))
                    .containsExactly(
                            "away unknown: " + index.at("/simple/away/")
                                    + ": it leads on to another server, which isn't asked: "
                                    + other.at("/simple/away/"),
                            "near build: no wheel upstream",
                            "round unknown: " + index.at("/simple/round/") + ": it leads on more than 5 times");
            assertThat(other.asked()).isEmpty();
        }
    }

    @Test
    void eachCauseForWhichNothingCanBeBuiltIsTold() throws Exception {
        index.has("digestless", file("digestless-1.tar.gz").with("hashes", JsonObject.EMPTY));
        index.has("sourceless", file("sourceless-1-cp311-cp311-win_amd64.whl"));
        index.has("newer", file("newer-1.tar.gz").with("requires-python", ">=3.12"));
        index.has("yanked", file("yanked-1.tar.gz").with("yanked", "breaks everything"));
        index.page(
                "/simple/quarantined/",
                JsonObject.EMPTY.with("project-status", JsonObject.EMPTY.with("status", "quarantined")),
                file("quarantined-1.tar.gz"));
        index.has("versionless", file("versionless-2.tar.gz"));
        index.has("mine", file("mine-1.tar.gz"));
        index.serve("/simple/odd/", "<html>");
        index.fail("/simple/broken/", 503);
        WheelPlan plan = plan(
                "digestless==1",
                "sourceless==1",
                "newer==1",
                "yanked==1",
                "quarantined==1",
                "versionless==1",
                "mine==1",
                "absent==1",
                "odd",
                "broken==1");
        assertThat(reasons(plan))
                .containsExactly(
                        "absent impossible: upstream has no such project",
                        "broken unknown: " + index.at("/simple/broken/") + ": the answer is 503: not here",
                        "digestless impossible: nobody says which bytes of its sdist are right: no sha256",
                        "mine impossible: the name is private: nobody is asked for it",
                        "newer impossible: it needs Python >=3.12",
                        "odd unknown: " + index.at("/simple/odd/")
                                + " is no page of the simple API: no JSON: Unexpected character ('<' (code 60)):"
                                + " expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or"
                                + " 'false') (line 1, column 1)",
                        "quarantined impossible: upstream has it in quarantine",
                        "sourceless impossible: no wheel of upstream's fits, and it has no sdist",
                        "versionless impossible: no version of upstream's is ==1, which main asks for",
                        "yanked impossible: upstream has yanked it: breaks everything");
        assertThat(index.asked()).noneMatch(path -> path.contains("mine"));
        assertThat(plan.isEmpty()).isTrue();
        assertThat(plan.isPartial()).isTrue();
    }

    @Test
    void whatIsBuiltIsKeptUntilItIsDueAgain() throws Exception {
        String wheel = "-1-cp311-cp311-linux_x86_64.whl";
        for (String project : List.of("young", "aged", "again", "other", "unsure")) {
            index.has(project, file(project + "-1.tar.gz"));
        }
        index.built(DEBIAN, "young", file("young" + wheel).with("upload-time", "2026-02-01T00:00:00Z"));
        index.built(DEBIAN, "aged", file("aged" + wheel).with("upload-time", "2025-11-01T00:00:00Z"));
        // Others' bytes came of it the second time: the name keeps those that it had, and the time of their upload.
        index.built(
                DEBIAN,
                "again",
                file("again" + wheel)
                        .with("upload-time", "2025-11-01T00:00:00Z")
                        .with("_flotilla", JsonObject.EMPTY.with("last-built", "2026-02-20T00:00:00Z")));
        index.built(DEBIAN, "other", file("other-2-cp311-cp311-linux_x86_64.whl"));
        index.fail("/wheel/" + DEBIAN + "/simple/unsure/", 502);
        WheelPlan plan = plan("young==1", "aged==1", "again==1", "other==1", "unsure==1");
        assertThat(reasons(plan))
                .containsExactly(
                        "again have: again-1-cp311-cp311-linux_x86_64.whl",
                        "aged build: built 120 days ago, is due again",
                        "other build: no wheel upstream",
                        "unsure unknown: whether it is built: " + index.at("/wheel/" + DEBIAN + "/simple/unsure/")
                                + ": the answer is 502: not here",
                        "young have: young-1-cp311-cp311-linux_x86_64.whl");
        assertThat(plan.wanted().kept())
                .extracting(kept -> kept.sdist().filename())
                .containsExactly("again-1.tar.gz", "young-1.tar.gz");
    }

    @Test
    void whatIsNotPinnedIsTheNewestThatAllAllowWithAllThatItNeeds() throws Exception {
        index.has(
                "app",
                "app-2-py3-none-any.whl",
                "lib>=1",
                "extra-lib; extra == 'fast'",
                "win; sys_platform == 'win32'");
        index.has("app", file("app-3rc1-py3-none-any.whl"));
        index.has(
                "lib",
                file("lib-1.tar.gz"),
                file("lib-1.5.tar.gz"),
                file("lib-3.tar.gz").with("yanked", true));
        index.has("lib", file("lib-2.tar.gz"), file("lib-4.tar.gz").with("requires-python", ">=3.12"));
        index.has("extra-lib", "extra_lib-1-py3-none-any.whl", "deep<2");
        index.has("deep", file("deep-1.tar.gz"), file("deep-2.tar.gz"));
        index.has("other", "other-1-py3-none-any.whl", "lib<2");
        assertThat(states("app[fast]", "other"))
                .containsExactly(
                        "app 2 upstream", "deep 1 build", "extra-lib 1 upstream", "lib 1.5 build", "other 1 upstream");
        write("constraints.txt", "lib==1\nunused==9");
        assertThat(states("-c constraints.txt", "app")).containsExactly("app 2 upstream", "lib 1 build");
    }

    @Test
    void whatOnlyABuildCanTellIsSaidAndGoneOnWithOnceItIsBuilt() throws Exception {
        index.has("closed", file("closed-1.tar.gz"));
        index.has("open", file("open-1.tar.gz").with("core-metadata", true));
        index.metadata("open-1.tar.gz", "2.2", "needed");
        index.has("needed", file("needed-1.tar.gz").with("core-metadata", true));
        index.metadata("needed-1.tar.gz", "2.1", "never-asked-for");
        WheelPlan before = plan("closed==1", "open==1");
        assertThat(reasons(before))
                .containsExactly(
                        "closed build: no wheel upstream",
                        "needed build: no wheel upstream",
                        "open build: no wheel upstream");
        assertThat(before.remarks())
                .containsExactly(
                        "closed 1: what it requires is unknown until it is built",
                        "needed 1: what it requires is unknown until it is built");
        index.metadata("closed-1-cp311-cp311-linux_x86_64.whl", "2.1", "hidden");
        index.built(
                DEBIAN,
                "closed",
                file("closed-1-cp311-cp311-linux_x86_64.whl")
                        .with("core-metadata", true)
                        .with("url", "/packages/closed-1-cp311-cp311-linux_x86_64.whl"));
        index.has("hidden", file("hidden-1.tar.gz"));
        assertThat(states("closed==1")).containsExactly("closed 1 have", "hidden 1 build");
    }

    @Test
    void whatMirrorsHaveSeenIsPlannedToo() throws Exception {
        index.has("a", file("a-1.tar.gz"));
        index.has("two-words", file("two-words-2.0.tar.gz"));
        index.has("had", file("had-1.tar.gz"), file("had-1-py3-none-any.whl"));
        var debian = PlatformSlug.of("debian", "12", "x86_64");
        var python = new Interpreter(11, false);
        write("main.txt", "a==1");
        var seen = List.of(
                new SeenSdist("a-1.tar.gz", debian, python, 7),
                new SeenSdist("two-words-2.0.tar.gz", debian, python, 3),
                new SeenSdist("had-1.tar.gz", debian, python, 2),
                new SeenSdist("gone-1.tar.gz", debian, python, 1),
                new SeenSdist("mine-1.tar.gz", debian, python, 1),
                new SeenSdist("a-1.tar.gz", debian, new Interpreter(9, false), 1),
                new SeenSdist("a-1.tar.gz", PlatformSlug.of("fedora", "40", "x86_64"), python, 1));
        WheelPlan plan = planned(Optional.of(seen));
        assertThat(reasons(plan))
                .containsExactly(
                        "a build: no wheel upstream; 7 downloads of its sdist seen",
                        "had upstream: had-1-py3-none-any.whl",
                        "two-words build: no wheel upstream; 3 downloads of its sdist seen");
        assertThat(plan.wheels().getFirst().branches()).containsExactly("main");
        assertThat(plan.remarks())
                .contains(
                        "mirrors have seen gone-1.tar.gz, which no project's page has now",
                        "mirrors have seen sdists go to platforms that nobody builds for: fedora-40-x86_64");
        assertThat(index.asked()).noneMatch(path -> path.contains("mine"));
    }

    @Test
    void eachPlatformNeedsWhatItsBranchesDo() throws Exception {
        index.has("a", file("a-1.tar.gz"));
        write("main.txt", "a==1");
        write("old.txt", "a==1 ; python_version < '3.12'");
        WheelPlan plan = planned(Optional.empty());
        assertThat(plan.wheels())
                .extracting(wheel -> wheel.platform() + " " + wheel.interpreter() + " " + wheel.branches())
                .containsExactly("alpine-3.19-aarch64 3.11 [old]", "debian-12-x86_64 3.11 [main]");
        assertThat(plan.text())
                .containsExactly(
                        "To build:",
                        "  alpine-3.19-aarch64, Python 3.11",
                        "    a 1                                    2 KiB  no wheel upstream (old)",
                        "  debian-12-x86_64, Python 3.11",
                        "    a 1                                    2 KiB  no wheel upstream (main)",
                        "",
                        "! a 1: what it requires is unknown until it is built",
                        "alpine-3.19-aarch64: 1 needed, 0 upstream, 0 built, 1 to build (2 KiB of sdists), 0 impossible",
                        "debian-12-x86_64: 1 needed, 0 upstream, 0 built, 1 to build (2 KiB of sdists), 0 impossible");
        WantedWheels read = WantedWheels.read(plan.wanted().toBytes());
        assertThat(read).isEqualTo(plan.wanted());
        assertThat(read.wheels())
                .extracting(WantedWheel::sdist)
                .extracting(sdist -> sdist.digest().hex())
                .containsOnly(SampleIndex.digest("a-1.tar.gz"));
        assertThat(read.wheels().getFirst().sdist().url()).isEqualTo(index.at("/packages/a-1.tar.gz"));
    }

    @Test
    void problemsInFilesAreToldAllAtOnce() throws Exception {
        write("main.txt", "a=1\n-r none.txt");
        write("old.txt", "--colour");
        assertThat(outcome(Optional.empty()))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.problems()).hasSize(3));
    }

    private List<String> states(String... requirements) throws Exception {
        return plan(requirements).wheels().stream()
                .map(wheel -> wheel.project() + " " + wheel.version() + " " + wheel.state())
                .toList();
    }

    private static List<String> reasons(WheelPlan plan) {
        return plan.wheels().stream()
                .map(wheel -> wheel.project() + " " + wheel.state() + ": " + wheel.reason())
                .toList();
    }

    private WheelPlan plan(String... requirements) throws Exception {
        write("main.txt", String.join("\n", requirements));
        return planned(Optional.empty());
    }

    private WheelPlan planned(Optional<List<SeenSdist>> seen) throws Exception {
        return switch (outcome(seen)) {
            case Outcome.Planned(WheelPlan plan) -> plan;
            case Outcome.Refused(List<String> problems) -> throw new AssertionError(problems);
        };
    }

    private Outcome outcome(Optional<List<SeenSdist>> seen) throws Exception {
        WheelsSettings wheels = wheels();
        URI base = index.at("/simple/");
        var limits = new SimpleIndex.Limits(4, Duration.ofSeconds(30), 2, 1_000_000, 1_000_000);
        try (var planner = new WheelPlanner(
                wheels,
                base,
                limits,
                name -> name.normal().equals("mine"),
                InstantSource.fixed(NOW),
                line -> assertThat(line).isNotEmpty())) {
            return planner.plan(
                    new WheelPlanner.Scope(
                            wheels.platforms().keySet(), wheels.branches().keySet()),
                    seen);
        }
    }

    private WheelsSettings wheels() throws IOException {
        write("fleet.conf", FLEET);
        return switch (FleetConfiguration.load(folder.resolve("fleet.conf"))) {
            case Loading.Loaded<FleetConfiguration>(var fleet) -> fleet.wheels().orElseThrow();
            case Loading.Refused<FleetConfiguration>(var problems) -> throw new AssertionError(problems);
        };
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
