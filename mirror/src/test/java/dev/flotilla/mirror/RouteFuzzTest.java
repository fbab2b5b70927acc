package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of hostile requests, while canaries listen where a client might want to lead the mirror: at other loopback
 * addresses, one of them at the upstream's own port. It breaks when anything of a request becomes part of an upstream's
 * host or path, when one request is taken for two, when an odd one meets a fault, or when something is served under a path
 * that isn't its own.
 */
class RouteFuzzTest {
    private static final String FILENAME = "sample_one-1.0-py3-none-any.whl";
    private static final int AT_ONCE = 32;

    /** What a request may be answered with while upstream is well, 501 for another protocol's version aside. */
    private static final Set<Integer> ANSWERS =
            Set.of(200, 206, 302, 304, 400, 404, 405, 406, 412, 414, 416, 417, 431, 505);

    /** What is served, and what upstream may be asked for. */
    private static final Pattern SERVED = Pattern.compile(
            "/|/pip\\.conf|/readyz|(/cooldown/[1-9][0-9]{0,3}d|/asof/[0-9]{4}-[0-9]{2}-[0-9]{2})?(/simple/(sample-one/)?"
                    + "|/packages/sha256/[0-9a-f]{64}/" + Pattern.quote(FILENAME) + "(\\.metadata)?)");

    private static final Pattern ASKED =
            Pattern.compile("/simple/|/simple/[a-z0-9]+(-[a-z0-9]+)*/|/files/" + Pattern.quote(FILENAME));
    private static final Pattern STATUS = Pattern.compile("HTTP/[0-9]\\.[0-9] ([0-9]{3}) ");
    private static final Pattern LOCATION = Pattern.compile("\r\nlocation: ([^\r]*)\r\n");

    @TempDir
    private Path folder;

    private final List<Canary> canaries = new ArrayList<>();
    private byte[] content = {};
    private String file = "";
    private SampleUpstream upstream;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        content = new SampleWheel("sample-one", "1.0", List.of()).content();
        file = "packages/sha256/" + Sha256.of(content) + "/" + FILENAME;
        upstream = SampleUpstream.json().offer("sample-one", FILENAME, content);
        int upstreamsPort = URI.create(upstream.index()).getPort();
        canaries.add(Canary.at("127.0.0.2", 0));
        canaries.add(Canary.at("127.0.0.3", upstreamsPort));
        mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "");
    }

    @AfterEach
    void stop() throws IOException {
        mirror.close();
        for (Canary canary : canaries) {
            assertThat(canary.visits())
                    .as("connections to %s", canary.hostAndPort())
                    .isZero();
            canary.close();
        }
        assertThat(upstream.asked(path -> !ASKED.matcher(path).matches()))
                .as("requests to upstream beyond its own pages and files")
                .isZero();
        upstream.close();
    }

    private List<String> hosts() {
        return canaries.stream().map(Canary::hostAndPort).toList();
    }

    @Test
    void noHostileRequestLeadsAnywhereOrMeetsAFault() throws Exception {
        fuzz(1, 5_000);
    }

    /** The same with many more, from other seeds. */
    @Tag("campaign")
    @ParameterizedTest
    @ValueSource(longs = {2, 3, 4, 5, 6, 7, 8, 9})
    void noHostileRequestOfAnySeedLeadsAnywhereOrMeetsAFault(long seed) throws Exception {
        fuzz(seed, 25_000);
    }

    /** A target of each kind. */
    private List<String> right() {
        return List.of(
                "/",
                "/simple/",
                "/simple/sample-one/",
                "/simple/Sample_One",
                "/" + file,
                "/" + file + ".metadata",
                "/packages/py3/s/sample-one/" + FILENAME,
                "/integrity/sample-one/1.0/" + FILENAME + "/provenance",
                "/cooldown/7d/simple/sample-one/",
                "/cooldown/7d/simple/Sample_One",
                "/asof/2026-01-31/" + file,
                "/pip.conf",
                "/readyz");
    }

    private void fuzz(long seed, int count) throws Exception {
        var hostile = new HostileTargets(seed, List.of(file, file + ".metadata"), right(), hosts());
        var turns = new Semaphore(AT_ONCE);
        var answers = new ArrayList<Future<Integer>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                String target = hostile.target();
                String request = hostile.request(target);
                turns.acquire();
                answers.add(threads.submit((Callable<Integer>) () -> {
                    try {
                        return judge(target, request);
                    } finally {
                        turns.release();
                    }
                }));
            }
        }
        int served = 0;
        for (var answer : answers) {
            served += answer.get();
        }
        assertThat(served).as("of %s requests some are right", count).isBetween(count / 200, count / 2);
    }

    /** Sends one request and judges what comes; 1 where something was served. */
    private int judge(String target, String request) {
        String answer = mirror.raw(request, Duration.ofMillis(500));
        String what = "the answer to " + request + " is " + answer;
        if (answer.isEmpty() || answer.equals("<closed>")) {
            return 0;
        }
        var status = STATUS.matcher(answer);
        assertThat(status.lookingAt()).as(what).isTrue();
        int code = Integer.parseInt(status.group(1));
        assertThat(ANSWERS.contains(code) || (code == 501 && request.contains(" HTTP/9.9\r\n")))
                .as(what)
                .isTrue();
        assertThat(status.results()).as("one request, one answer: %s", what).isEmpty();
        var location = LOCATION.matcher(answer.toLowerCase(Locale.ROOT));
        if (location.find()) {
            assertThat(location.group(1)).as(what).matches("(?!/)[a-z0-9._/-]+(\\?.*)?");
        }
        if (code != 200 && code != 206) {
            return 0;
        }
        String path = plain(target.split("\\?", 2)[0]);
        assertThat(SERVED.matcher(path).matches()).as(what).isTrue();
        if (path.startsWith("/packages/")) {
            assertThat(path).as(what).isIn("/" + file, "/" + file + ".metadata");
        }
        if (path.equals("/" + file) && code == 200 && request.startsWith("GET")) {
            assertThat(answer)
                    .as(what)
                    .endsWith("\r\n\r\n" + new String(content, StandardCharsets.ISO_8859_1) + "<closed>");
        }
        return 1;
    }

    /** With letters, digits and what else never means anything but itself written as such (RFC 3986, section 2.3). */
    private static String plain(String path) {
        return Pattern.compile("%(2[de]|3[0-9]|4[1-9a-f]|5[0-9a]|5f|6[1-9a-f]|7[0-9ae])", Pattern.CASE_INSENSITIVE)
                .matcher(path)
                .replaceAll(found -> URLDecoder.decode(found.group(), StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
                "Content-Length: 0\r\nContent-Length: 60\r\n\r\n",
                "Content-Length: 0, 60\r\n\r\n",
                "Content-Length: +0\r\n\r\n",
                "Content-Length: 0x0\r\n\r\n",
                "Content-Length : 0\r\n\r\n",
                "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
                "X: y\r\n Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Content-Length: 5\r\n\r\n12345"
            })
    void ofTwoRequestsInDisguiseAtMostTheFirstIsAnswered(String rest) {
        String answer = mirror.raw("GET /pip.conf HTTP/1.1\r\nHost: x\r\n" + rest
                + "GET /simple/smuggled/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400").endsWith("<closed>");
        assertThat(STATUS.matcher(answer).results()).hasSize(1);
        assertThat(upstream.asked("/simple/smuggled/")).isZero();
    }
}
