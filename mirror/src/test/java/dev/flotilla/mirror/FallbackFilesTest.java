package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file whose own host fails comes from another upstream that has files by the public index's paths, whoever's page names
 * it; what that one gives is believed no more than what any gives.
 */
class FallbackFilesTest {
    private static final byte[] CONTENT = "a source distribution".getBytes(StandardCharsets.UTF_8);

    /** What the host that the page names answers, and the other one: 0 for the file, 1 for wrong bytes, else a status. */
    private final AtomicInteger own = new AtomicInteger();

    private final AtomicInteger other = new AtomicInteger();

    @TempDir
    private Path folder;

    private ScriptedServer fileHost;
    private ScriptedServer fallback;
    private ScriptedServer index;
    private RunningMirror mirror;

    private static String path(String project) {
        var digester = new Blake2bDigest(256);
        digester.update(CONTENT, 0, CONTENT.length);
        var digest = new byte[32];
        digester.doFinal(digest, 0);
        String hex = java.util.HexFormat.of().formatHex(digest);
        return "/packages/" + hex.substring(0, 2) + "/" + hex.substring(2, 4) + "/" + hex.substring(4) + "/" + project
                + "-1.0.tar.gz";
    }

    private static ScriptedServer files(AtomicInteger how) throws IOException {
        return new ScriptedServer((request, reply) -> {
            switch (how.get()) {
                case 0 -> reply.whole(200, CONTENT);
                case 1 -> reply.whole(200, "a source distributioN".getBytes(StandardCharsets.UTF_8));
                default -> reply.whole(how.get(), new byte[0]);
            }
        });
    }

    @BeforeEach
    void start() throws IOException {
        fileHost = files(own);
        fallback = files(other);
        index = new ScriptedServer((request, reply) -> {
            String project = request.target().replace("/simple/", "").replace("/", "");
            String json = """
                    {"meta": {"api-version": "1.0"}, "name": "%s", "files": [
                     {"filename": "%s-1.0.tar.gz", "url": "%s", "hashes": {"sha256": "%s"}}]}""".formatted(
                            project,
                            project,
                            fileHost.at(path(project)),
                            Sha256.of(CONTENT).hex());
            reply.whole(200, json.getBytes(StandardCharsets.UTF_8), "Content-Type: " + RunningMirror.JSON);
        });
        mirror = RunningMirror.start(index.at("/simple/").toString(), folder, new MovableClock(), """
                outbound { retries = 0 }, files { attempts = 1 }
                upstreams = [
                  { name = first, index = "%s", file-hosts = ["127.0.0.1:%d"] }
                  { name = second, index = "%s", files = "%s" }
                ]
                """.formatted(
                        index.at("/simple/"), fileHost.port(), fallback.at("/simple/"), fallback.at("/")));
    }

    @AfterEach
    void stop() throws IOException {
        mirror.close();
        index.close();
        fallback.close();
        fileHost.close();
    }

    @Test
    void aFileWhoseHostFailsComesFromAnotherUpstream() {
        own.set(500);
        var answer = mirror.get(path("one"));
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(CONTENT);
        assertThat(fallback.requests())
                .singleElement()
                .satisfies(request -> assertThat(request.target()).isEqualTo(path("one")));
    }

    @Test
    void aHostThatWorksIsAskedAlone() {
        assertThat(mirror.get(path("one")).body()).isEqualTo(CONTENT);
        assertThat(fallback.requests()).isEmpty();
    }

    /** A file that its own host has no more may have been taken back for a reason. */
    @Test
    void aFileThatItsHostSaysIsGoneIsGone() {
        own.set(404);
        assertThat(mirror.get(path("one")).statusCode()).isEqualTo(404);
        assertThat(fallback.requests()).isEmpty();
    }

    @Test
    void theOtherUpstreamIsBelievedNoMoreThanAnyOther() {
        own.set(500);
        other.set(1);
        assertThat(mirror.get(path("one")).statusCode()).isEqualTo(502);
        other.set(404);
        assertThat(mirror.get(path("two")).statusCode()).isEqualTo(502);
        other.set(0);
        assertThat(mirror.get(path("three")).statusCode()).isEqualTo(200);
    }
}
