package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fleet in front of an upstream that counts, stops and lies. Every test has a project of its own. */
class MirroredIndexIT {
    private static final Pattern LINK = Pattern.compile("href=\"([^\"#]+)");
    private static final Wheel LARGE = Wheel.of("flotilla-test-large", "1.0", 5 << 20);
    private static final Wheel PLAIN = Wheel.of("flotilla-test-plain", "2.5", 300_000);
    private static final Wheel WRONG = Wheel.of("flotilla-test-wrong", "1.0", 100_000);

    @TempDir
    static Path folder;

    private static CountingIndex upstream;
    private static Fleet fleet;

    @BeforeAll
    static void comeUp() {
        upstream = CountingIndex.of(
                Wheel.of("flotilla-test-twice", "1.0", 0, "flotilla-test-leaf>=1"),
                Wheel.of("flotilla-test-outage", "1.0", 0, "flotilla-test-leaf>=1"),
                Wheel.of("flotilla-test-leaf", "1.3", 5_000),
                LARGE,
                PLAIN,
                WRONG);
        fleet = Fleet.start(folder, "--upstream", upstream.uri().toString());
    }

    @AfterAll
    static void end() {
        fleet.close();
        upstream.close();
    }

    @Test
    void filesAreByteIdenticalToUpstreams() throws Exception {
        for (String region : List.of("east", "west")) {
            assertThat(Sha256.of(get(fileOf(region, PLAIN)).body())).isEqualTo(PLAIN.digest());
        }
    }

    @Test
    void aSecondInstallMakesNoUpstreamRequest() {
        PythonEnvironment.create(folder)
                .install(fleet.index("east"), "flotilla-test-twice")
                .succeeded();
        int before =
                upstream.requests("/simple/flotilla-test-twice/") + upstream.requests("/files/flotilla_test_twice");
        PythonEnvironment.create(folder)
                .install(fleet.index("east"), "flotilla-test-twice")
                .succeeded();
        assertThat(before).isEqualTo(2);
        assertThat(upstream.requests("/simple/flotilla-test-twice/") + upstream.requests("/files/flotilla_test_twice"))
                .isEqualTo(before);
    }

    @Test
    void anInstallWorksWhileUpstreamIsStopped() {
        PythonEnvironment.create(folder)
                .install(fleet.index("east"), "flotilla-test-outage")
                .succeeded();
        upstream.stop();
        try {
            var environment = PythonEnvironment.create(folder);
            environment.install(fleet.index("east"), "flotilla-test-outage").succeeded();
            assertThat(environment.python("import flotilla_test_leaf; print(flotilla_test_leaf.VERSION)"))
                    .isEqualTo("1.3");
        } finally {
            upstream.resume();
        }
    }

    @Test
    void aCorruptedUpstreamFileNeverReachesPip() {
        var environment = PythonEnvironment.create(folder);
        upstream.corrupt(true);
        try {
            Command install = environment.install(
                    fleet.index("west"), "--retries", "1", "--timeout", "5", "--no-deps", WRONG.project());
            assertThat(install.exitCode()).isNotZero();
            assertThat(install.output()).doesNotContain("Successfully installed");
            assertThat(statusOf(fileOf("west", WRONG))).isNotEqualTo(200);
        } finally {
            upstream.corrupt(false);
        }
        environment.install(fleet.index("west"), WRONG.project()).succeeded();
    }

    @Test
    void fiftyClientsOnAColdFileCauseOneUpstreamRequest() throws Exception {
        URI file = fileOf("east", LARGE);
        List<CompletableFuture<Sha256>> answers = new ArrayList<>();
        try (var client = HttpClient.newHttpClient()) {
            for (int i = 0; i < 50; i++) {
                answers.add(client.sendAsync(HttpRequest.newBuilder(file).build(), BodyHandlers.ofByteArray())
                        .thenApply(answer -> Sha256.of(answer.body())));
            }
            for (var answer : answers) {
                assertThat(answer.get()).isEqualTo(LARGE.digest());
            }
        }
        assertThat(upstream.requests("/files/" + LARGE.filename())).isEqualTo(1);
    }

    /** The address that the region's project page gives for a wheel. */
    private static URI fileOf(String region, Wheel wheel) {
        try {
            URI page = fleet.index(region).resolve(wheel.project() + "/");
            var matcher = LINK.matcher(new String(get(page).body(), java.nio.charset.StandardCharsets.UTF_8));
            assertThat(matcher.find()).isTrue();
            return page.resolve(matcher.group(1));
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private static HttpResponse<byte[]> get(URI uri) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
        }
    }

    /** The status of a whole answer, or -1 where the transfer broke off. */
    private static int statusOf(URI uri) {
        try {
            return get(uri).statusCode();
        } catch (IOException broken) {
            return -1;
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }
}
