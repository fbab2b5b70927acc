package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What pips really send, word by word. Each request of a file follows a line that says with which command it came; hosts,
 * digests and what a pip tells about its machine were taken out.
 */
class RecordedClientsTest {
    private static final Path CLIENTS = Path.of("src", "test", "resources", "clients");
    private static final SampleWheel WHEEL = new SampleWheel("flotilla-test-leaf", "1.2", List.of());

    @TempDir
    private Path folder;

    static List<Path> recordings() throws IOException {
        try (Stream<Path> files = Files.list(CLIENTS)) {
            return files.sorted().toList();
        }
    }

    /** The distinct requests of a recording, ready to be sent. */
    private static Set<String> requests(Path recording) throws IOException {
        String digest = Sha256.of(WHEEL.content()).hex();
        return Stream.of(Files.readString(recording).strip().split("\n\n"))
                .map(request -> request.lines()
                                .filter(line -> !line.startsWith("#"))
                                .collect(Collectors.joining("\r\n"))
                                .replace("{sha256}", digest)
                        + "\r\n\r\n")
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void whatARealPipSendsIsAnsweredAsItNeeds(Path recording) throws IOException {
        var requests = requests(recording);
        assertThat(requests).hasSizeGreaterThanOrEqualTo(2);
        try (var upstream = SampleUpstream.json();
                var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "")) {
            WHEEL.offerOn(upstream);
            for (String request : requests) {
                String answer = mirror.raw(request);
                String head = answer.substring(0, Math.max(0, answer.indexOf("\r\n\r\n")))
                        .toLowerCase(Locale.ROOT);
                assertThat(head).as(request).startsWith("http/1.1 200 ").containsPattern("\netag: \"[^\"]+\"");
                if (request.startsWith("GET /simple/")) {
                    assertPage(request, head);
                } else {
                    assertFile(request, head);
                }
            }
        }
    }

    private static void assertPage(String request, String head) {
        String form = request.contains("v1+json") ? "application/vnd.pypi.simple.v1+json" : "text/html; charset=utf-8";
        assertThat(head)
                .as(request)
                .contains("content-type: " + form)
                .contains("content-encoding: gzip")
                .contains("vary: accept, accept-encoding")
                .contains("cache-control: max-age=600")
                .contains("date: ")
                .doesNotContain("\nage: ");
    }

    private static void assertFile(String request, String head) throws IOException {
        assertThat(head)
                .as(request)
                .contains("content-length: " + WHEEL.content().length)
                .contains("accept-ranges: bytes")
                .doesNotContain("content-encoding");
    }
}
