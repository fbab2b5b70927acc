package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may purge, and how it has to be said. */
class PurgeAccessTest {
    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;
    private OperatorsToken token;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json().offer("sample-one", "sample_one-1.0.tar.gz", new byte[] {1});
        token = OperatorsToken.in(folder);
        mirror = RunningMirror.start(upstream, folder.resolve("store"), clock, token.setting());
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    private HttpResponse<byte[]> post(String target, String... headers) {
        return mirror.send("POST", mirror.operations(target), headers);
    }

    private boolean isPurged() {
        return field(mirror.get("/simple/sample-one/"), "X-Cache").equals("miss");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer a-token-of-operator",
                "Bearer a-token-of-operatorss",
                "Bearer A-token-of-operators",
                "Basic a-token-of-operators",
                "a-token-of-operators"
            })
    void whoDoesNotKnowTheTokenIsRefused(String authorization) {
        isPurged();
        for (String target : new String[] {"/purge?all=true", "/purge?nonsense"}) {
            var answer = authorization.isEmpty() ? post(target) : post(target, "Authorization", authorization);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(field(answer, "WWW-Authenticate")).isEqualTo("Bearer");
            assertThat(text(answer)).doesNotContain("a-token");
        }
        assertThat(isPurged()).isFalse();
        assertThat(text(mirror.send("GET", mirror.operations("/metrics"))))
                .contains("flotilla_mirror_purges_total{outcome=\"refused\"} 2.0");
    }

    @Test
    void aNewTokenCountsAtOnceAndTheOldOneNoMore() {
        var old = token.field();
        assertThat(post("/purge?all=true", old).statusCode()).isEqualTo(200);
        token.change("another-token-of-operators");
        assertThat(post("/purge?all=true", old).statusCode()).isEqualTo(401);
        assertThat(post("/purge?all=true", token.field()).statusCode()).isEqualTo(200);
        assertThat(post("/purge?all=true", "authorization", "bearer another-token-of-operators")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void withATokenThatCanNotBeUsedAnyMoreNobodyPurges() throws IOException {
        token.permit("rw-r--r--");
        assertThat(post("/purge?all=true", token.field()).statusCode()).isEqualTo(503);
        token.permit("rw-------");
        assertThat(post("/purge?all=true", token.field()).statusCode()).isEqualTo(200);
        Files.writeString(token.file(), "short");
        assertThat(post("/purge?all=true", "Authorization", "Bearer short").statusCode())
                .isEqualTo(503);
        Files.delete(token.file());
        assertThat(post("/purge?all=true", token.field()).statusCode()).isEqualTo(503);
    }

    @Test
    void withoutATokenInTheConfigurationTheAnswerSaysWhatIsMissing() {
        try (var shut = RunningMirror.start(upstream, folder.resolve("shut"), clock, "")) {
            var answer = shut.send("POST", shut.operations("/purge?all=true"), token.field());
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(text(answer)).contains("operations.purge-token-file");
        }
    }

    @ParameterizedTest
    @CsvSource({"short, rw-------", "a-token-of-operators, rw-r--r--", "two tokens of operators, rw-------"})
    void aTokenThatOthersCouldKnowIsRefusedAtTheStart(String text, String permissions) throws IOException {
        token.change(text);
        token.permit(permissions);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> RunningMirror.configuration(upstream.index(), folder.resolve("store"), token.setting()))
                .withMessageContaining("purge-token-file")
                .withMessageContaining(token.file().toString());
    }

    @Test
    void aPurgeIsAPostWithoutABodyAndNothingElseIsOne() {
        for (String method : new String[] {"GET", "HEAD", "DELETE", "PUT"}) {
            var answer = mirror.send(method, mirror.operations("/purge?all=true"), token.field());
            assertThat(answer.statusCode()).isEqualTo(405);
            assertThat(field(answer, "Allow")).isEqualTo("POST");
        }
        for (String path : new String[] {"/metrics", "/readyz", "/explain/sample-one", "/nowhere"}) {
            var answer = post(path, token.field());
            assertThat(answer.statusCode()).isEqualTo(405);
            assertThat(field(answer, "Allow")).isEqualTo("GET, HEAD");
        }
        assertThat(mirror.send("POST", mirror.url("/purge?all=true"), token.field())
                        .statusCode())
                .isEqualTo(405);
        assertThat(mirror.get("/purge?all=true").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "all",
                "all=yes",
                "all=false",
                "all=true&project=a",
                "project=a&project=b",
                "project=",
                "project=-a",
                "prefix=",
                "prefix=Acme",
                "prefix=-a",
                "prefix=a*",
                "all=true&hard=1",
                "hard=true",
                "all=true&soft=true",
                "=true",
                "all=true&"
            })
    void whatIsNotUnderstoodPurgesNothing(String query) {
        isPurged();
        var answer = post("/purge?" + query, token.field());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(isPurged()).isFalse();
    }
}
