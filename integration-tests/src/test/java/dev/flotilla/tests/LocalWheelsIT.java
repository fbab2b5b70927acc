package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A local fleet that has wheels: its S3 server answers nobody without credentials, and its mirrors have none. */
class LocalWheelsIT {
    private static final String PROJECT = "flotilla-sample-source";
    private static final String PLATFORM = "debian-12-x86_64";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

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

    private static Command flotilla(String... words) throws IOException {
        JsonNode credentials = new ObjectMapper()
                .readTree(fleet.state().resolve("local.json").toFile())
                .get("credentials");
        String configuration = fleet.state().resolve("fleet.conf").toString();
        return Command.run(
                Command.flotilla(Stream.concat(Arrays.stream(words), Stream.of("--config", configuration))
                        .toArray(String[]::new)),
                Map.of(
                        "AWS_ACCESS_KEY_ID", credentials.get("accessKeyId").asText(),
                        "AWS_SECRET_ACCESS_KEY",
                                credentials.get("secretAccessKey").asText()));
    }

    /** What {@code flotilla wheels build} leaves. */
    private static Wheel built(Path results) throws Exception {
        JsonNode sdist = new ObjectMapper()
                .readTree(get(fleet.index("east").resolve(PROJECT + "/")).body())
                .get("files")
                .get(0);
        String archive = sdist.get("filename").asText();
        String version = archive.substring(archive.lastIndexOf('-') + 1, archive.length() - ".tar.gz".length());
        Wheel wheel = Wheel.of(PROJECT, version, 0);
        Path home = Files.createDirectories(results.resolve(PLATFORM));
        Files.write(home.resolve(wheel.filename()), wheel.content());
        Files.writeString(home.resolve(wheel.filename() + ".log"), "built by a test\n");
        String metadata = "Metadata-Version: 2.1\nName: " + PROJECT + "\nVersion: " + version + "\n";
        Files.writeString(home.resolve(wheel.filename() + ".json"), """
                {"platform": "%s", "filename": "%s", "sha256": "%s", "size": %d, "metadata-sha256": "%s",
                 "built": "2026-01-02T03:04:05Z", "provenance": {"builder": "here", "python": "3.11", "tools": {"setuptools": "80"},
                 "sdist": {"project": "%s", "version": "%s", "filename": "%s", "url": "%s", "sha256": "%s"}}}
                """.formatted(
                        PLATFORM,
                        wheel.filename(),
                        wheel.digest(),
                        wheel.content().length,
                        Sha256.of(metadata.getBytes(StandardCharsets.UTF_8)),
                        PROJECT,
                        version,
                        archive,
                        fleet.index("east").resolve(archive),
                        sdist.get("hashes").get("sha256").asText()));
        return wheel;
    }

    private static HttpResponse<String> get(URI address) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(address)
                    .header("Accept", "application/vnd.pypi.simple.v1+json")
                    .build();
            return client.send(request, BodyHandlers.ofString());
        }
    }

    private static URI overlay(String region) {
        return fleet.url(region).resolve("overlay/" + PLATFORM + "/simple/");
    }

    @Test
    void aPublishedWheelIsInstalledFromTheOverlayThoughTheBucketWantsCredentials() throws Exception {
        Wheel wheel = built(folder.resolve("wheels"));
        Path configuration = fleet.state().resolve("fleet.conf");
        Files.writeString(folder.resolve("wanted.txt"), PROJECT + "\n");
        Files.writeString(configuration, Files.readString(configuration).replace("flotilla.fleet {", """
                                flotilla.fleet {
                                  wheels {
                                    branches { main { requirements = [ "%s" ] } }
                                    platforms { "%s" { library = "glibc 2.36", pythons = [ "3.11" ], builder = here } }
                                    builders { here { fabric = local } }
                                  }
                                """.formatted(
                        folder.resolve("wanted.txt"), PLATFORM)));
        flotilla("publish").succeeded();
        flotilla(
                        "wheels",
                        "publish",
                        folder.resolve("wheels").toString(),
                        "--index",
                        fleet.index("east").toString())
                .succeeded();
        for (String region : List.of("east", "west")) {
            await().atMost(PATIENCE)
                    .until(() ->
                            get(overlay(region).resolve(PROJECT + "/")).body().contains(wheel.filename()));
            var environment = PythonEnvironment.create(folder);
            assertThat(environment
                            .install(overlay(region), "--only-binary", ":all:", PROJECT)
                            .succeeded()
                            .output())
                    .contains("Successfully installed");
            assertThat(environment.python("import flotilla_sample_source as m; print(m.VERSION)"))
                    .as("the module of the wheel, and not the sdist's")
                    .isNotEmpty();
        }
        try (var mirrorLogs = Files.walk(fleet.state())) {
            for (Path log :
                    mirrorLogs.filter(file -> file.toString().endsWith(".log")).toList()) {
                assertThat(Files.readString(log)).as(log.toString()).doesNotContain("Signature=");
            }
        }
        JsonNode bucket = fleet.ready().get("bucket");
        URI object = URI.create(
                bucket.get("endpoint").asText() + "/" + bucket.get("name").asText() + "/wheels/" + PLATFORM + "/"
                        + PROJECT + "/" + wheel.digest() + "/" + wheel.filename());
        assertThat(get(object).statusCode()).as("without a signature").isEqualTo(403);
    }
}
