package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A fleet with the sample index, as a newcomer meets it. */
class LocalFleetIT {
    private static final String APPLICATION = "flotilla-sample-app";
    private static final String SDIST = "flotilla-sample-source";

    @TempDir
    static Path folder;

    private static Fleet fleet;

    @BeforeAll
    static void comeUp() {
        fleet = Fleet.start(folder, "--sample");
    }

    @AfterAll
    static void end() {
        fleet.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"east", "west"})
    void pipInstallsASamplePackageAndItsDependenciesThroughEachRegion(String region) {
        var environment = PythonEnvironment.create(folder);
        Command install = environment.install(fleet.index(region), APPLICATION).succeeded();
        assertThat(install.output()).contains("Successfully installed").contains(fleet.address(region));
        assertThat(environment.python("import flotilla_sample_app; print(flotilla_sample_app.__name__)"))
                .isEqualTo("flotilla_sample_app");
        assertThat(
                        environment.python(
                                "import importlib.metadata as m; print(sum(d.name.startswith('flotilla-sample') for d in m.distributions()))"))
                .satisfies(count -> assertThat(Integer.parseInt(count)).isGreaterThan(2));
    }

    @Test
    void pipBuildsAndInstallsTheSampleSdist() {
        var environment = PythonEnvironment.create(folder);
        assertThat(environment
                        .install(fleet.index("east"), "--no-binary", SDIST, SDIST)
                        .succeeded()
                        .output())
                .contains("Successfully installed");
    }

    @Test
    void bothRegionsGiveAProjectPageOfTheSameBytesAndTag() throws Exception {
        var east = get(fleet.index("east").resolve(APPLICATION + "/"));
        var west = get(fleet.index("west").resolve(APPLICATION + "/"));
        assertThat(east.statusCode()).isEqualTo(200);
        assertThat(west.body()).isEqualTo(east.body());
        assertThat(west.headers().firstValue("etag"))
                .isPresent()
                .isEqualTo(east.headers().firstValue("etag"));
    }

    @Test
    void eachRegionShowsItsPageForPeople() throws Exception {
        for (String region : List.of("east", "west")) {
            var page = get(fleet.url(region));
            assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
            assertThat(page.headers().firstValue("content-type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/html"));
            assertThat(page.body()).contains(region + "-1").contains("index-url = " + fleet.index(region));
        }
    }

    @Test
    void theCommandShowsWhatToCopy() {
        assertThat(fleet.output())
                .contains("index-url = " + fleet.index("east"))
                .contains("index-url = " + fleet.index("west"))
                .contains("dig @")
                .contains("sample");
    }

    @Test
    void theReadyFileServesScripts() throws Exception {
        var ready = fleet.ready();
        for (String region : List.of("east", "west")) {
            assertThat(get(fleet.url(region).resolve("readyz")).statusCode()).isEqualTo(200);
            assertThat(get(fleet.operations(region).resolve("livez")).statusCode())
                    .isEqualTo(200);
            assertThat(get(fleet.operations(region).resolve("metrics")).body()).contains("flotilla_mirror_");
            assertThat(ready.at("/regions/" + region + "/mirrorPid").asLong()).isEqualTo(fleet.mirrorPid(region));
            assertThat(ready.at("/regions/" + region + "/agentPid").asLong()).isEqualTo(fleet.agentPid(region));
        }
        assertThat(ready.at("/dns/name").asText()).isEqualTo("mirror.flotilla.test");
        assertThat(ready.at("/bucket/endpoint").asText()).startsWith("http://127.0.0.1:");
        assertThat(ready.at("/bucket/name").asText()).isNotEmpty();
        assertThat(ready.at("/route53/endpoint").asText()).startsWith("http://127.0.0.1:");
        assertThat(ready.at("/route53/zone").asText()).startsWith("Z");
        assertThat(fleet.answer()).containsExactly(fleet.address("east"));
        assertThat(fleet.answer("west.mirror.flotilla.test")).containsExactly(fleet.address("west"));
    }

    private static java.net.http.HttpResponse<String> get(URI uri) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        }
    }
}
