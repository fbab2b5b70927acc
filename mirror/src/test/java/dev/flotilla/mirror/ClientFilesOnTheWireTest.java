package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.clients.Index;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mirror tells clients of how to use it, with the programs that read it. */
class ClientFilesOnTheWireTest {
    private static final String FLEET =
            "clients { name = east.mirror.example.org, global-name = mirror.example.org, platforms = [ %s ] }";

    @TempDir
    private Path folder;

    private static String text(HttpResponse<byte[]> response) {
        assertThat(response.statusCode()).as(response.uri().toString()).isEqualTo(200);
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private RunningMirror mirror(SampleUpstream upstream, String more) {
        return RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), more);
    }

    private String said(String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PIP_") || name.endsWith("_proxy"));
        builder.environment().put("PIP_CONFIG_FILE", folder.resolve("pip.conf").toString());
        builder.environment().put("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        builder.environment().put("HOME", folder.toString());
        var process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }

    @Test
    void whatIsAskedForIsWhatPipIsToldToUse() throws Exception {
        try (var upstream = SampleUpstream.json();
                var mirror = mirror(upstream, FLEET.formatted("debian-12-x86_64"))) {
            String plain = text(mirror.get("/pip.conf"));
            assertThat(plain).contains("index-url = " + mirror.url("/simple/"), "trusted-host = 127.0.0.1");
            Files.writeString(folder.resolve("pip.conf"), text(mirror.get("/pip.conf?slug=Debian-12.4-amd64")));
            assertThat(said(MachinePython.executable().toString(), "-m", "pip", "config", "list"))
                    .contains("global.index-url='" + mirror.url("/overlay/debian-12-x86_64/simple/") + "'")
                    .contains("global.trusted-host='127.0.0.1'");
            assertThat(text(mirror.get("/uv.toml?cooldown=7")))
                    .contains("url = \"" + mirror.url("/cooldown/7d/simple/") + "\"");
            assertThat(text(mirror.get("/mirror_info.json")))
                    .contains("\"region\": \"east\"", "\"scope\": \"region\"", "\"platforms\": [\"debian-12-x86_64\"]");
        }
    }

    @Test
    void pipGoesByTheConstraintsThatItIsTold() throws Exception {
        Path constraints = Files.writeString(folder.resolve("constraints.txt"), "flotilla-test-leaf==1.2\n");
        try (var upstream = SampleUpstream.json()) {
            new SampleWheel("flotilla-test-leaf", "1.2", List.of()).offerOn(upstream);
            new SampleWheel("flotilla-test-leaf", "1.3", List.of()).offerOn(upstream);
            try (var mirror = mirror(upstream, "clients { constraints = \"" + constraints + "\" }")) {
                Files.writeString(folder.resolve("pip.conf"), text(mirror.get("/pip.conf")));
                said(
                        MachinePython.executable().toString(),
                        "-m",
                        "pip",
                        "download",
                        "--dest",
                        folder.resolve("got").toString(),
                        "flotilla-test-leaf");
                assertThat(folder.resolve("got"))
                        .isDirectoryContaining("glob:**1.2-py3*")
                        .isDirectoryNotContaining("glob:**1.3*");
            }
        }
    }

    @Test
    void aMirrorWithoutAFleetTellsOfItself() throws Exception {
        try (var upstream = SampleUpstream.json();
                var mirror = mirror(upstream, "")) {
            assertThat(text(mirror.get("/mirror_info.json")))
                    .contains("{\"scope\": \"node\", \"http\": \"http://127.0.0.1:" + mirror.port() + "\"");
            var absent = mirror.get("/pip.conf?name=region");
            assertThat(absent.statusCode()).isEqualTo(400);
            assertThat(new String(absent.body(), StandardCharsets.UTF_8)).contains("has no name of its region");
            assertThat(mirror.get("/pip.conf?scheme=https").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void aQueryThatMeansNothingIsRefusedAndSaysWhatWould() throws Exception {
        try (var upstream = SampleUpstream.json();
                var mirror = mirror(upstream, "")) {
            for (String query : List.of(
                    "slug=x",
                    "slug=../../etc",
                    "cooldown=0",
                    "cooldown=99999",
                    "name=other",
                    "scheme=ftp",
                    "what=ever",
                    "slug=debian-12-x86_64&cooldown=7",
                    "slug=debian-12-x86_64&slug=debian-11-x86_64",
                    "slug=%0a")) {
                assertThat(mirror.get("/pip.conf?" + query).statusCode())
                        .as(query)
                        .isEqualTo(400);
            }
            assertThat(new String(mirror.get("/uv.toml?slug=auto").body(), StandardCharsets.UTF_8))
                    .contains("client.sh | sh -s -- uv.toml");
        }
    }

    private static String guide() throws IOException {
        return Files.readString(Path.of("../docs/guide/ci-providers.md"));
    }

    /** A block of the guide for CI providers, by its language, as it stands there. */
    private static String block(String language) throws IOException {
        String begin = "```" + language + "\n";
        String guide = guide();
        int start = guide.indexOf(begin) + begin.length();
        assertThat(start).isGreaterThan(begin.length());
        return guide.substring(start, guide.indexOf("```", start));
    }

    @Test
    @Tag("real")
    void nftAndUnboundTakeTheGuidesExamples() throws Exception {
        Path rules = Files.writeString(folder.resolve("jobs.nft"), block("nft"));
        assertThat(said("unshare", "--net", "nft", "--check", "--file", rules.toString()))
                .isEmpty();
        Path resolver = Files.writeString(
                folder.resolve("unbound.conf"),
                block("unbound") + "  chroot: \"\"\n  username: \"\"\n  directory: \"" + folder + "\"\n");
        assertThat(said("/usr/sbin/unbound-checkconf", resolver.toString())).contains("no errors");
    }

    @Test
    void theGuidesLineCountsWhatCameWithoutUpstream() throws Exception {
        String written = guide().lines()
                .filter(line -> line.contains("flotilla_mirror_requests_seconds_count"))
                .findFirst()
                .orElseThrow();
        try (var upstream = SampleUpstream.json()) {
            new SampleWheel("flotilla-test-leaf", "1.2", List.of()).offerOn(upstream);
            try (var mirror = mirror(upstream, "")) {
                for (String path : List.of("/simple/flotilla-test-leaf/", "/simple/flotilla-test-leaf/", "/pip.conf")) {
                    assertThat(mirror.get(path).statusCode()).isEqualTo(200);
                }
                assertThat(said(
                                "sh",
                                "-c",
                                written.replace(
                                        "http://192.0.2.10:8081",
                                        mirror.operations("").toString())))
                        .isEqualTo("1 of 2 answers without upstream\n");
            }
        }
    }

    /** The line of the guide for CI providers, as it stands there. */
    @Test
    void theGuidesLineInstallsPipConfAndLeavesItAloneWhereTheMirrorIsAway() throws Exception {
        Path conf = folder.resolve("pip.conf");
        String written = guide().lines()
                .filter(line -> line.contains("client.sh") && line.contains("curl"))
                .findFirst()
                .orElseThrow()
                .replace("/etc/pip.conf", conf.toString());
        try (var upstream = SampleUpstream.json()) {
            var mirror = mirror(upstream, "");
            String line = "cd " + folder + "; "
                    + written.replace(
                            "http://east.mirror.example.org:8080",
                            mirror.url("").toString());
            try {
                said("sh", "-c", line);
            } finally {
                mirror.close();
            }
            assertThat(conf).content().contains("index-url = " + mirror.url("/simple/"));
            Files.writeString(conf, "# kept\n");
            said("sh", "-c", "! { " + line + "; }");
            said("sh", "-c", "! { cd " + folder + "; sh client.sh pip.conf > new; }");
            assertThat(conf).hasContent("# kept\n");
        }
    }

    @Test
    void whatNamesNoIndexRefusesAChoiceOfOne() throws Exception {
        try (var upstream = SampleUpstream.json();
                var mirror = mirror(upstream, "")) {
            for (String asked : List.of("/client.sh?cooldown=7", "/client.sh?slug=debian-12-x86_64")) {
                assertThat(mirror.get(asked).statusCode()).as(asked).isEqualTo(400);
            }
            assertThat(mirror.get("/client.sh").statusCode()).isEqualTo(200);
        }
    }

    /** What one line writes makes the real pip install. */
    @Test
    void oneLineFetchesThePipConfForThePlatformThatItRunsOn() throws Exception {
        Path root = Files.createDirectories(folder.resolve("root/etc"));
        Files.writeString(root.resolve("os-release"), "ID=debian\nVERSION_ID=\"12\"\n");
        String slug =
                PlatformSlug.of("debian", "12", System.getProperty("os.arch")).toString();
        String line = "export FLOTILLA_ROOT=" + folder.resolve("root") + "; curl -fsS %s | sh -s -- pip.conf";
        try (var upstream = SampleUpstream.json()) {
            new SampleWheel("flotilla-test-leaf", "1.2", List.of()).offerOn(upstream);
            try (var mirror = mirror(upstream, FLEET.formatted("ubuntu-24.04-x86_64"))) {
                assertThat(said("sh", "-c", line.formatted(mirror.url("/client.sh"))))
                        .as("a platform without wheels gets the index as it is")
                        .contains("index-url = " + mirror.url("/simple/") + "\n");
            }
            try (var mirror = mirror(upstream, FLEET.formatted(slug))) {
                String conf = said("sh", "-c", line.formatted(mirror.url("/client.sh")));
                assertThat(conf).contains("index-url = " + mirror.url("/overlay/" + slug + "/simple/") + "\n");
                Files.writeString(folder.resolve("pip.conf"), conf);
                said(
                        MachinePython.executable().toString(),
                        "-m",
                        "pip",
                        "install",
                        "--no-cache-dir",
                        "--target",
                        folder.resolve("installed").toString(),
                        "flotilla-test-leaf");
                assertThat(folder.resolve("installed/flotilla_test_leaf.py")).exists();
            }
        }
    }

    @Test
    void pathsOfIndexesAreThoseOfViews() {
        var slug = new PlatformSlug("debian", "12", "x86_64");
        assertThat(new Index.Plain().path()).isEqualTo(View.PLAIN.path() + "/simple/");
        assertThat(new Index.Overlay(slug).path()).isEqualTo(new View.Overlay(slug.toString()).path() + "/simple/");
        assertThat(new Index.Cooldown(7).path()).isEqualTo(new View.Cooldown(7).path() + "/simple/");
        assertThat(Index.Cooldown.MOST_DAYS).isEqualTo(View.Cooldown.MOST_DAYS);
    }
}
