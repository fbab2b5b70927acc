package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SdistsOnTheWireTest {
    private static final String PIP = """
            pip/23.0.1 {"ci":null,"cpu":"x86_64","distro":{"id":"bookworm","libc":{"lib":"glibc","version":"2.36"},\
            "name":"Debian GNU/Linux","version":"12"},"implementation":{"name":"CPython","version":"3.11.2"},\
            "installer":{"name":"pip","version":"23.0.1"},"python":"3.11.2","system":{"name":"Linux","release":"6.1"}}""";
    private static final String UV = """
            uv/0.5.1 {"installer":{"name":"uv","version":"0.5.1"},"python":"3.12.3","implementation":{"name":"CPython",\
            "version":"3.12.3"},"distro":{"name":"Ubuntu","version":"24.04","id":"noble"},"system":{"name":"Linux"},\
            "cpu":"aarch64","ci":true}""";

    @TempDir
    private Path folder;

    @Test
    void wholeSdistsAreCountedByWhatInstallersSayOfTheirMachine() throws Exception {
        byte[] content = "an sdist".getBytes(StandardCharsets.UTF_8);
        String sdist = "/packages/sha256/" + Sha256.of(content) + "/some_project-1.0.tar.gz";
        byte[] built = "a wheel".getBytes(StandardCharsets.UTF_8);
        String wheel = "/packages/sha256/" + Sha256.of(built) + "/some_project-1.0-py3-none-any.whl";
        var clock = new MovableClock();
        try (var upstream = SampleUpstream.json()
                        .offer("some-project", "some_project-1.0.tar.gz", content)
                        .offer("some-project", "some_project-1.0-py3-none-any.whl", built);
                var mirror = RunningMirror.start(upstream, folder.resolve("store"), clock, "")) {
            assertThat(mirror.get(sdist, "User-Agent", PIP).body()).isEqualTo(content);
            await().until(() ->
                    field(mirror.head(sdist, "User-Agent", PIP), "X-Cache").equals("hit"));
            mirror.get(sdist, "User-Agent", PIP);
            mirror.get(sdist, "User-Agent", UV);
            // None of these compiles anything that wheels are built for.
            mirror.get(sdist, "User-Agent", PIP, "Range", "bytes=0-1");
            mirror.get(sdist, "User-Agent", "curl/8");
            mirror.get(sdist, "User-Agent", PIP.replace("CPython", "PyPy"));
            mirror.get(sdist, "User-Agent", PIP.replace("Linux\",\"release", "Windows\",\"release"));
            mirror.get(sdist, "User-Agent", PIP.replace("\"12\"", "12"));
            mirror.get(sdist, "User-Agent", PIP.replace("}", ""));
            mirror.get(sdist, "User-Agent", PIP + " ".repeat(2_000) + "}");
            mirror.get(wheel, "User-Agent", PIP);
            mirror.get(sdist.replace("some_", "other_"), "User-Agent", PIP);
            String counted = "{\"since\":\"" + clock.instant() + "\",\"sdists\":["
                    + "{\"filename\":\"some_project-1.0.tar.gz\",\"platform\":\"debian-12-x86_64\",\"python\":\"3.11\",\"downloads\":2},"
                    + "{\"filename\":\"some_project-1.0.tar.gz\",\"platform\":\"ubuntu-24.04-aarch64\",\"python\":\"3.12\",\"downloads\":1}]}";
            await().untilAsserted(() -> assertThat(text(mirror.send("GET", mirror.operations("/sdists"))))
                    .isEqualTo(counted));
            assertThat(mirror.get("/sdists").statusCode()).isEqualTo(404);
        }
    }

    /** Whoever gets the wheel that was built of an sdist would else compile it. */
    @Test
    void aWheelThatWasBuiltHereCountsAsTheSdistThatItIsOf() throws Exception {
        var wheel = new SampleWheel("sample-native", "1.0", List.of());
        try (var upstream = SampleUpstream.json();
                var house = new SampleWheelhouse(folder.resolve("wheels"))
                        .with(wheel)
                        .publish();
                var mirror = RunningMirror.start(
                        upstream, folder.resolve("store"), new MovableClock(), house.configuration())) {
            String path = "/packages/sha256/" + Sha256.of(wheel.content()) + "/" + wheel.filename();
            await().until(() -> mirror.get(path, "User-Agent", "curl/8").statusCode() == 200);
            mirror.get(path + ".metadata", "User-Agent", PIP);
            mirror.get(path, "User-Agent", PIP);
            await().untilAsserted(() -> assertThat(text(mirror.send("GET", mirror.operations("/sdists"))))
                    .contains("[{\"filename\":\"sample_native-1.0.tar.gz\",\"platform\":\"debian-12-x86_64\","
                            + "\"python\":\"3.11\",\"downloads\":1}]"));
        }
    }

    @Test
    void noMoreIsRememberedThanTheSettingSays() throws Exception {
        byte[] content = "an sdist".getBytes(StandardCharsets.UTF_8);
        String sdist = "/packages/sha256/" + Sha256.of(content) + "/some_project-1.0.tar.gz";
        try (var upstream = SampleUpstream.json().offer("some-project", "some_project-1.0.tar.gz", content);
                var mirror = RunningMirror.start(
                        upstream, folder.resolve("store"), new MovableClock(), "http { sdists-remembered = 5 }")) {
            for (int i = 0; i < 50; i++) {
                mirror.get(sdist, "User-Agent", PIP.replace("\"12\"", "\"" + (100 + i) + "\""));
            }
            assertThat(text(mirror.send("GET", mirror.operations("/sdists"))).split("filename", -1))
                    .hasSizeBetween(2, 6);
        }
    }
}
