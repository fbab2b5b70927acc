package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.testing.NginxServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same bytes for a mirror and for nginx: what nginx refuses a mirror refuses, so that nobody in front of one can take a request for
 * another one than it is (RFC 9112, section 11.2). Where a mirror refuses more, or reads what the standard allows to be read, it stands here with the reason.
 */
@Tag("real")
class FramingBesideNginxTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3}) ");
    private static final String GET = "GET /simple/sample-one/ HTTP/1.1\r\n";
    private static final String HOST = "Host: mirror.example\r\n";
    private static final String CLOSE = "Connection: close\r\n";
    private static final String END = CLOSE + "\r\n";

    private static final String NO_BODIES = "no request has a body here";
    private static final String NO_PROXY = "targets name paths here, never hosts: this is no proxy";
    private static final String PRINTABLE = "targets are printable ASCII here";
    private static final String ONE_GRAMMAR = "what is no field, version or method isn't guessed at";

    private static final String ANY_SPACE = "words may be parted by any space (RFC 9112, section 3)";
    private static final String FOLDED = "a folded line may be read as one with a space (RFC 9112, section 5.2)";

    @TempDir
    private static Path folder;

    private static SampleUpstream upstream;
    private static RunningMirror mirror;
    private static NginxServer nginx;

    /**
     * One thing to send.
     *
     * @param verdict what a mirror makes of it beside nginx
     * @param reason where that is something else
     */
    record Case(String name, String bytes, Verdict verdict, String reason) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void start() throws IOException {
        Path project = Files.createDirectories(folder.resolve("index/simple/sample-one"));
        Files.writeString(project.resolve("index.html"), "<p>here");
        nginx = NginxServer.start(folder, "client_header_timeout 2s; client_body_timeout 2s;");
        upstream = SampleUpstream.json().offer("sample-one", "sample_one-1.0-py3-none-any.whl", new byte[] {1});
        mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), """
                http { head-time-out = 2s, idle-time-out = 3s, hand-over-limit = 1m }
                outbound { page-deadline = 2s }
                files { open-deadline = 2s }
                """);
        await().atMost(LONG).until(nginx::accepts);
        await().atMost(LONG).until(() -> mirror.get("/simple/sample-one/").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        mirror.close();
        upstream.close();
        nginx.close();
    }

    enum Verdict {
        SAME,
        STRICTER,
        LAXER
    }

    private static Case same(String name, String bytes) {
        return new Case(name, bytes, Verdict.SAME, "");
    }

    private static Case stricter(String name, String bytes, String reason) {
        return new Case(name, bytes, Verdict.STRICTER, reason);
    }

    private static Case laxer(String name, String bytes, String reason) {
        return new Case(name, bytes, Verdict.LAXER, reason);
    }

    private static String get(String fields) {
        return GET + HOST + fields + END;
    }

    static Stream<Case> cases() {
        var cases = new ArrayList<Case>();
        cases.add(same("a plain request", get("")));
        cases.addAll(lengths());
        cases.addAll(lines());
        cases.addAll(fields());
        cases.addAll(hosts());
        cases.addAll(targets());
        cases.addAll(several());
        return cases.stream();
    }

    private static List<Case> lengths() {
        var cases = new ArrayList<Case>();
        cases.add(same("both lengths", get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"));
        cases.add(same(
                "both, the other way round", get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + "0\r\n\r\n"));
        cases.add(same("two different lengths", get("Content-Length: 5\r\nContent-Length: 6\r\n") + "hello!"));
        cases.add(same("two equal lengths", get("Content-Length: 5\r\nContent-Length: 5\r\n") + "hello"));
        for (String length : List.of("+5", "-1", "0x5", "5,5", "5 5", "five", "99999999999999999999", "5.0", "")) {
            cases.add(same("length '" + length + "'", get("Content-Length: " + length + "\r\n") + "hello"));
        }
        cases.add(same("length 0", get("Content-Length: 0\r\n")));
        cases.add(stricter("a body", get("Content-Length: 5\r\n") + "hello", NO_BODIES));
        cases.add(stricter(
                "a chunked body", get("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n", NO_BODIES));
        for (String coding : List.of(
                "xchunked", "chunked, identity", "gzip, chunked", "identity", "\u000bchunked", "chunked\u0000")) {
            cases.add(same("coding '" + coding + "'", get("Transfer-Encoding: " + coding + "\r\n") + "0\r\n\r\n"));
        }
        cases.add(same(
                "two codings", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n") + "0\r\n\r\n"));
        for (String size : List.of("g", "-1", "0x5", "fffffffffffffffff", "5 5", "")) {
            cases.add(same(
                    "chunk of size '" + size + "'",
                    "POST /simple/sample-one/ HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n" + END + size
                            + "\r\nhello\r\n0\r\n\r\n"));
        }
        cases.add(same(
                "chunked in HTTP/1.0",
                "GET /simple/sample-one/ HTTP/1.0\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
        return cases;
    }

    private static List<Case> lines() {
        var cases = new ArrayList<Case>();
        cases.add(stricter("bare LF", get("").replace("\r\n", "\n"), ONE_GRAMMAR));
        cases.add(same("bare CR", GET + HOST + "X: a\rb\r\n" + END));
        cases.add(same("CR alone at ends of lines", get("").replace("\r\n", "\r") + "\r\n\r\n"));
        cases.add(same("an empty line before", "\r\n" + get("")));
        cases.add(laxer("a space before", " " + get(""), ANY_SPACE));
        cases.add(same("two spaces", get("").replace(" HTTP/1.1", "  HTTP/1.1")));
        cases.add(laxer("a tab", get("").replace("GET ", "GET\t"), ANY_SPACE));
        cases.add(
                stricter("a space behind the version", get("").replace("HTTP/1.1\r\n", "HTTP/1.1 \r\n"), ONE_GRAMMAR));
        cases.add(same("a word behind the version", get("").replace("HTTP/1.1\r\n", "HTTP/1.1 x\r\n")));
        for (String version : List.of(
                "HTTP/1",
                "HTTP/1.",
                "HTTP/1.x",
                "HTTP/2.0",
                "HTTP/3.0",
                "http/1.1",
                "HTTPS/1.1",
                "HTTP /1.1",
                "FTP/1.1")) {
            cases.add(same("version " + version, get("").replace("HTTP/1.1", version)));
        }
        cases.add(same("version HTTP/1.0", get("").replace("HTTP/1.1", "HTTP/1.0")));
        cases.add(stricter("no version", "GET /simple/sample-one/\r\n\r\n", ONE_GRAMMAR));
        for (String method : List.of("get", "G ET", "GET\u0000", "G(T", "")) {
            cases.add(same("method '" + method + "'", get("").replaceFirst("GET", method)));
        }
        cases.add(same("HTTP/2 where there is none", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        cases.add(same("nothing but an end", "\r\n\r\n\r\n"));
        return cases;
    }

    private static List<Case> fields() {
        var cases = new ArrayList<Case>();
        cases.add(same("a space before the colon", get("Content-Length : 5\r\n") + "hello"));
        cases.add(same("a tab before the colon", get("Transfer-Encoding\t: chunked\r\n") + "0\r\n\r\n"));
        cases.add(laxer("a folded line", get("X: a\r\n b\r\n"), FOLDED));
        cases.add(same("a folded length", get("Content-Length:\r\n 5\r\n") + "hello"));
        cases.add(same("a folded first line", GET + " X: y\r\n" + HOST + END));
        cases.add(same("NUL in a value", get("X: a\u0000b\r\n")));
        cases.add(same("NUL in a name", get("X\u0000Y: a\r\n")));
        cases.add(stricter("a line without a colon", get("nonsense\r\n"), ONE_GRAMMAR));
        cases.add(same("a field without a name", get(": a\r\n")));
        cases.add(stricter("a control character in a value", get("X: a\u0001b\r\n"), ONE_GRAMMAR));
        cases.add(same("octets above ASCII in a value", get("X: \u00fc\u00ff\r\n")));
        cases.add(stricter("a separator in a name", get("X(Y: a\r\n"), ONE_GRAMMAR));
        cases.add(same("a space in a name", get("X Y: a\r\n")));
        cases.add(stricter("octets above ASCII in a name", get("X\u00fc: a\r\n"), ONE_GRAMMAR));
        cases.add(same("a long value", get("X: " + "a".repeat(40_000) + "\r\n")));
        cases.add(same("many fields", get("X-Some-Field: some value\r\n".repeat(3_000))));
        cases.add(same("an expectation that is none", get("Expect: something\r\n")));
        cases.add(same(
                "an upgrade",
                get("Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")
                        .replace(CLOSE, "Connection: close, Upgrade, HTTP2-Settings\r\n")));
        return cases;
    }

    private static List<Case> hosts() {
        var cases = new ArrayList<Case>();
        cases.add(same("no host", GET + END));
        cases.add(same("no host in HTTP/1.0", "GET /simple/sample-one/ HTTP/1.0\r\n\r\n"));
        cases.add(stricter("host 'a\\b'", GET + "Host: a\\b\r\n" + END, "no host has a backslash"));
        cases.add(same("two hosts", GET + HOST + "Host: other.example\r\n" + END));
        cases.add(same("the same host twice", GET + HOST + HOST + END));
        for (String host : List.of(
                "a b",
                "a/b",
                "a\u0000b",
                "",
                "[::1",
                "[::1]",
                "127.0.0.1:8080",
                "a:b",
                "user@a",
                "a:99999",
                "-a",
                "a,b")) {
            cases.add(same("host '" + host + "'", GET + "Host: " + host + "\r\n" + END));
        }
        return cases;
    }

    private static List<Case> targets() {
        var cases = new ArrayList<Case>();
        for (String target : List.of(
                "*",
                "simple/",
                "?x",
                "/simple/../../x",
                "/simple/%00",
                "/simple/%zz",
                "/a\u0000b",
                "/" + "a".repeat(40_000))) {
            cases.add(same("target " + target.substring(0, Math.min(20, target.length())), request(target)));
        }
        cases.add(stricter("absolute form", request("http://mirror.example/simple/sample-one/"), NO_PROXY));
        cases.add(stricter(
                "absolute form with another host", request("http://other.example/simple/sample-one/"), NO_PROXY));
        cases.add(same(
                "a host to connect to", "CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n" + END));
        cases.add(stricter("octets above ASCII in the target", request("/simple/\u00fc/"), PRINTABLE));
        cases.add(stricter("a fragment", request("/simple/sample-one/#x"), "a target has no fragment"));
        cases.add(stricter("an empty segment", request("//simple/sample-one/"), "a path has one spelling here"));
        return cases;
    }

    private static String request(String target) {
        return "GET " + target + " HTTP/1.1\r\n" + HOST + END;
    }

    private static List<Case> several() {
        String first = GET + HOST + "\r\n";
        var cases = new ArrayList<Case>();
        cases.add(same("two requests at once", first + get("")));
        cases.add(same("a request and nonsense", first + "nonsense\r\n\r\n"));
        cases.add(same("a request and half of one", first + "GET /simple/"));
        cases.add(same("a request behind the last one", get("") + get("")));
        cases.add(same(
                "a request in a body",
                "POST /simple/sample-one/ HTTP/1.1\r\n" + HOST + CLOSE + "Content-Length: " + get("").length()
                        + "\r\n\r\n" + get("")));
        cases.add(same("a request behind a bad length", GET + HOST + "Content-Length: x\r\n\r\n" + get("")));
        cases.add(same(
                "a request behind both lengths",
                GET + HOST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get("")));
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatIsRefusedIsTheSame(Case sent) throws IOException {
        String theirs = verdict(nginx.port(), sent.bytes());
        String ours = verdict(mirror.port(), sent.bytes());
        switch (sent.verdict()) {
            case SAME -> assertThat(ours).as("%s, as nginx", sent).isEqualTo(theirs);
            case STRICTER -> {
                assertThat(theirs).as("%s is accepted by nginx", sent).startsWith("accepted");
                assertThat(ours).as("%s: %s", sent, sent.reason()).isEqualTo("refused");
            }
            case LAXER -> {
                assertThat(theirs).as("%s is refused by nginx", sent).isEqualTo("refused");
                assertThat(ours).as("%s: %s", sent, sent.reason()).isEqualTo("accepted");
            }
        }
    }

    /** What became of each request up to the first one that was refused; both close after that. */
    private static String verdict(int port, String bytes) throws IOException {
        String answer = answer(port, bytes);
        var verdict = new ArrayList<String>();
        var statuses = STATUS.matcher(answer);
        while (statuses.find()) {
            int status = Integer.parseInt(statuses.group(1));
            verdict.add(status < 400 || status == 404 ? "accepted" : "refused");
        }
        if (verdict.isEmpty()) {
            verdict.add(answer.isEmpty() ? "refused" : "accepted");
        }
        return String.join(", ", verdict);
    }

    private static String answer(int port, String bytes) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) LONG.toMillis());
            try {
                socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException closed) {
                // Its answer may be here all the same.
                return RawAnswer.of(socket);
            }
            return RawAnswer.of(socket);
        }
    }
}
