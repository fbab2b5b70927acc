package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileRequestsTest {
    @TempDir
    private Path folder;

    private SampleUpstream upstream;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json();
        mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "");
    }

    @AfterEach
    void stop() {
        mirror.close();
        assertThat(upstream.asked(anything -> true))
                .as("what a client may not ask for never reaches upstream")
                .isZero();
        upstream.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET http://elsewhere.example/simple/",
                "GET *",
                "GET simple/",
                "CONNECT elsewhere.example:443",
                "GET /simple/../pip.conf",
                "GET /simple/./x/",
                "GET /simple/%2e%2e/x/",
                "GET /simple/%2E%2E%2Fetc/",
                "GET /simple/..%2f..%2fetc",
                "GET /simple/a%2Fb/",
                "GET /simple/a%5cb/",
                "GET /simple/a\\b/",
                "GET /simple/a%00b/",
                "GET /simple/a%0d%0ab/",
                "GET /simple/%zz/",
                "GET /simple/%a",
                "GET /simple/%c3%28/",
                "GET /simple/\u00ff/",
                "GET //simple/x/",
                "GET /simple//x/",
                "GET /simple/x#fragment",
                "GET /packages/../packages/x"
            })
    void whatIsNoNormalPathIsRefused(String line) {
        assertThat(mirror.raw(line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/favicon.ico",
                "/simple/a/b/",
                "/simple/a/index.html",
                "/simple/-bad-/",
                "/simple/a%20b/",
                "/packages/aa/bb/cc/x.whl",
                "/packages/",
                "/packages/sha256/AA/x-1.0.tar.gz",
                "/pip.conf/",
                "/readyz/x",
                "/metrics",
                "/livez",
                "/pypi/x/json",
                "/SIMPLE/x/"
            })
    void whatTheGrammarHasNoPlaceForDoesNotExist(String path) {
        var answer = mirror.get(path);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(field(answer, "Content-Type")).isEqualTo("text/plain; charset=utf-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"})
    void onlyReadingIsAllowed(String method) {
        assertThat(mirror.raw(method + " /simple/x/ HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 405")
                .containsIgnoringCase("allow: GET, HEAD")
                .endsWith("<closed>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"})
    void aRequestWithABodyIsRefusedAndItsConnectionClosed(String rest) {
        assertThat(mirror.raw("GET /simple/x/ HTTP/1.1\r\nHost: x\r\n" + rest))
                .startsWith("HTTP/1.1 400")
                .endsWith("<closed>");
    }

    @Test
    void aRequestThatIsTooLongIsRefused() {
        assertThat(mirror.raw("GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .contains(" 414 ");
        assertThat(mirror.raw("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + "a".repeat(20_000) + "\r\n\r\n"))
                .contains(" 431 ");
        assertThat(mirror.raw("\u0016\u0003\u0001 no HTTP at all\r\n\r\n")).contains(" 400 ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mirror.example.org | http://mirror.example.org/simple/ | mirror.example.org",
                "10.0.0.7:8080 | http://10.0.0.7:8080/simple/ | 10.0.0.7",
                "[::1]:8080 | http://[::1]:8080/simple/ | [::1]"
            })
    void pipConfigurationNamesTheHostThatWasAsked(String host, String index, String trusted) {
        assertThat(mirror.raw("GET /pip.conf HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                .contains("[global]\nindex-url = " + index + "\ntrusted-host = " + trusted + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: user@evil",
                "Host: evil:99999",
                "Host: evil:0",
                "Host: -evil",
                "Host: x\r\nX-Forwarded-Host: evil"
            })
    void aHostThatIsNoneNeverReachesTheFile(String field) {
        assertThat(mirror.raw("GET /pip.conf HTTP/1.1\r\n" + field + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200")
                .doesNotContain("evil");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil example",
                "Host: evil/../x",
                "Host: evil\\n",
                "Host: a\r\nHost: b",
                "Host:",
                "X-Forwarded-Host: evil"
            })
    void aRequestWithoutOneHostIsRefused(String field) {
        assertThat(mirror.raw("GET /pip.conf HTTP/1.1\r\n" + field + "\r\n\r\n"))
                .startsWith("HTTP/1.1 400")
                .endsWith("<closed>");
    }
}
