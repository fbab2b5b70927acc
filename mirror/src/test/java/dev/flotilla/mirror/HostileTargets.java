package dev.flotilla.mirror;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Requests that nobody means well with, one after another from a seed: right targets with one thing changed, and parts of
 * right requests and of known attacks put together at random, in Latin-1.
 */
final class HostileTargets {
    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "GET", "GET", "HEAD", "get", "POST", "CONNECT", "OPTIONS", "G\u00cbT", "");
    private static final List<String> VERSIONS =
            List.of("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "HTTP/1.1 x", "");
    private static final List<String> BETWEEN =
            List.of("/", "/", "/", "/", "", "//", "\\", "%2f", "%5c", "/./", "/../");

    private final RandomGenerator random;
    private final List<String> right;
    private final List<String> parts;
    private final List<String> fields;

    /**
     * @param files paths of files that there are
     * @param right targets that are answered with something
     * @param canaries hosts with ports that nobody may be led to
     */
    HostileTargets(long seed, List<String> files, List<String> right, List<String> canaries) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.right = List.copyOf(right);
        String canary = canaries.getFirst();
        parts = new ArrayList<>(List.of(
                "simple",
                "simple",
                "packages",
                "sha256",
                "source",
                "sample-one",
                "sample-one/",
                "Sample_One",
                "integrity",
                "cooldown",
                "asof",
                "pip.conf",
                "readyz",
                "..",
                ".",
                "%2e%2e",
                "%2e",
                "..%2f",
                "%2f",
                "%5c",
                "\\",
                "%00",
                "\0",
                "%0d%0a",
                "%0a",
                "%",
                "%zz",
                "%c0%af",
                "%e2%80%ae",
                "\u00ff",
                "@",
                "user@",
                "user:pass@",
                ":",
                ";",
                "*",
                "#x",
                "?",
                "?format=json",
                "?url=http://" + canary + "/",
                "~",
                "a".repeat(300),
                "-",
                "_",
                "index.html",
                "etc/passwd",
                "http:",
                "https:",
                "file:",
                "x.metadata",
                "f".repeat(64),
                "aa/bb/" + "c".repeat(60)));
        parts.addAll(files);
        canaries.forEach(
                host -> parts.addAll(List.of(host, "http://" + host, "//" + host, "%2f%2f" + host, "@" + host)));
        fields = List.of(
                "Host: x",
                "Host: " + canary,
                "Host: x@" + canary,
                "Host: x, " + canary,
                "Host:",
                "Host : x",
                "host: y",
                "X-Forwarded-Host: " + canary,
                "Forwarded: host=" + canary,
                "X-Original-URL: /simple/" + canary,
                "X-Rewrite-URL: http://" + canary + "/",
                "Referer: http://" + canary + "/",
                "Via: 1.1 x",
                "Connection: Host",
                "Content-Length: 0",
                "Content-Length: 5",
                "Content-Length: -1",
                "Content-Length: 0, 5",
                "Content-Length: x",
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: identity, chunked",
                "Transfer-Encoding : chunked",
                "Transfer-Encoding:\u000bchunked",
                "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
                "Expect: 100-continue",
                "Expect: x",
                "Range: bytes=0-1",
                "Range: bytes=5-,-3,99999999999999999999-",
                "If-Range: \"x",
                "If-None-Match: *",
                "If-None-Match: W/\"",
                "If-Match: \"x\"",
                "Accept: */*;q=\u00ff",
                "Accept: ,;=,;",
                "Accept-Encoding: \u00ff;q=9",
                "Cache-Control: no-cache",
                "X: a\0b",
                "X: a\rb",
                "X: a\r\n folded",
                "X\u00ff: y",
                ": nameless",
                "no colon");
    }

    private static <T> T any(RandomGenerator random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** The target of a request: a right one with one thing changed, or one to seven parts. */
    String target() {
        return random.nextInt(3) == 0 ? nearlyRight(any(random, right)) : puzzle();
    }

    private String nearlyRight(String target) {
        int at = random.nextInt(target.length());
        String before = target.substring(0, at);
        String after = target.substring(at + 1);
        char c = target.charAt(at);
        return switch (random.nextInt(9)) {
            case 0 -> before + after;
            case 1 -> before + c + c + after;
            case 2 -> before + (Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c)) + after;
            case 3 -> before + String.format(Locale.ROOT, random.nextBoolean() ? "%%%02x" : "%%%02X", (int) c) + after;
            case 4 -> before + any(random, parts) + c + after;
            case 5 -> before + any(random, parts) + after;
            case 6 -> target + any(random, BETWEEN) + any(random, parts);
            case 7 -> any(random, parts) + target;
            default -> between(target);
        };
    }

    /** With another separator in place of one. */
    private String between(String target) {
        int slash = target.indexOf('/', random.nextInt(target.length()));
        return slash < 0 ? target : target.substring(0, slash) + any(random, BETWEEN) + target.substring(slash + 1);
    }

    private String puzzle() {
        var target = new StringBuilder(random.nextInt(8) == 0 ? "" : "/");
        int count = 1 + random.nextInt(7);
        for (int i = 0; i < count; i++) {
            target.append(i == 0 ? "" : any(random, BETWEEN)).append(any(random, parts));
        }
        return target.append(random.nextInt(3) == 0 ? "/" : "").toString();
    }

    /** A whole request for {@code target}, that asks for its connection to be closed. */
    String request(String target) {
        boolean plain = random.nextInt(3) > 0;
        var request = new StringBuilder(plain ? "GET" : any(random, METHODS))
                .append(' ')
                .append(target)
                .append(' ')
                .append(plain ? "HTTP/1.1" : any(random, VERSIONS))
                .append("\r\nHost: x\r\nConnection: close\r\n");
        for (int i = random.nextInt(plain ? 2 : 5); i > 0; i--) {
            request.append(any(random, fields)).append("\r\n");
        }
        return request.append("\r\n").toString();
    }
}
