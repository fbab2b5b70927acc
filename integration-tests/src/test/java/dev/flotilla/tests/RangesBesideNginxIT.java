package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The same file behind nginx and behind a mirror: ranges and conditions have to be answered alike, status, range and every
 * byte. It breaks when a bound is off by one, when a suffix counts from the wrong end, or when a condition is compared
 * weakly where that joins two files. Where the answers may differ, both stand here, with the reason.
 *
 * <p>{@code ETAG} stands for the file's entity tag at the server that is asked.
 */
@Tag("real")
class RangesBesideNginxIT {
    private static final Wheel FILE = Wheel.of("flotilla-test-ranges", "1.0", 200_000);
    private static final int LENGTH = FILE.content().length;

    @TempDir
    static Path folder;

    private static Nginx nginx;
    private static PackedMirror mirror;
    private static HttpClient client;

    @BeforeAll
    static void start() throws IOException {
        nginx = Nginx.serving(folder, List.of(FILE));
        mirror = PackedMirror.start(folder, nginx.index(), "");
        client = HttpClient.newHttpClient();
        await("the file to be in the store")
                .until(() -> ask(ours(), "GET").headers().firstValue("X-Cache").equals(Optional.of("hit")));
    }

    @AfterAll
    static void end() {
        client.close();
        mirror.close();
        nginx.close();
    }

    private static URI ours() {
        return mirror.url(mirror.fileOf(FILE));
    }

    private static HttpResponse<byte[]> ask(URI uri, String method, String... fields) throws Exception {
        var request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    /** The fields, written as {@code name: value} with {@code ;} between two, for one server. */
    private static HttpResponse<byte[]> ask(URI uri, String method, String fields, String entityTag) throws Exception {
        return ask(
                uri,
                method,
                Arrays.stream(fields.split(";"))
                        .flatMap(field -> Arrays.stream(field.split(":", 2)))
                        .map(part -> part.strip()
                                .replace("ETAG", entityTag)
                                .replace("LAST", Integer.toString(LENGTH - 1))
                                .replace("LENGTH", Integer.toString(LENGTH)))
                        .toArray(String[]::new));
    }

    private static HttpResponse<byte[]> askOurs(String method, String fields) throws Exception {
        return ask(ours(), method, fields, '"' + FILE.digest().hex() + '"');
    }

    private static HttpResponse<byte[]> askNginx(String method, String fields) throws Exception {
        URI uri = nginx.file(FILE);
        return ask(uri, method, fields, field(ask(uri, "HEAD"), "ETag"));
    }

    private static String field(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "GET  | Accept: */*",
                "HEAD | Accept: */*",
                // Single ranges: both ends, one byte, the last one, up to and beyond the end.
                "GET  | Range: bytes=0-0",
                "GET  | Range: bytes=0-99",
                "GET  | Range: bytes=100-199999",
                "GET  | Range: bytes=LAST-LAST",
                "GET  | Range: bytes=LAST-LENGTH",
                "GET  | Range: bytes=0-LAST",
                "GET  | Range: bytes=0-LENGTH",
                "GET  | Range: bytes=5-999999999",
                // Open ones and suffixes.
                "GET  | Range: bytes=0-",
                "GET  | Range: bytes=1-",
                "GET  | Range: bytes=LAST-",
                "GET  | Range: bytes=-1",
                "GET  | Range: bytes=-16384",
                "GET  | Range: bytes=-LAST",
                "GET  | Range: bytes=-LENGTH",
                "GET  | Range: bytes=-999999999",
                // Behind the end, and of another unit.
                "GET  | Range: bytes=LENGTH-",
                "GET  | Range: bytes=LENGTH-LENGTH",
                "GET  | Range: bytes=999999999-",
                "GET  | Range: bytes=-0",
                "GET  | Range: lines=1-2",
                // With If-Range: only the same strong tag makes it a part.
                "GET  | Range: bytes=10-19; If-Range: ETAG",
                "GET  | Range: bytes=-10; If-Range: ETAG",
                "GET  | Range: bytes=LENGTH-; If-Range: ETAG",
                "GET  | Range: bytes=10-19; If-Range: \"other\"",
                "GET  | Range: bytes=10-19; If-Range: W/ETAG",
                "GET  | Range: bytes=10-19; If-Range: Sun, 01 Mar 1998 12:00:00 GMT",
                "GET  | Range: bytes=LENGTH-; If-Range: \"other\"",
                "GET  | If-Range: ETAG",
                // What the client has already.
                "GET  | If-None-Match: ETAG",
                "GET  | If-None-Match: W/ETAG",
                "GET  | If-None-Match: *",
                "GET  | If-None-Match: \"other\"",
                "GET  | If-None-Match: \"one\", \"two\", ETAG",
                "GET  | If-None-Match: \"one\",ETAG,\"two\"",
                "GET  | If-None-Match: \"one\", W/ETAG",
                "HEAD | If-None-Match: ETAG",
                "HEAD | If-None-Match: \"other\"",
                "GET  | Range: bytes=0-9; If-None-Match: ETAG",
                "GET  | Range: bytes=0-9; If-None-Match: \"other\"",
                "GET  | If-None-Match: \"other\"; If-Modified-Since: Sun, 01 Mar 2099 12:00:00 GMT",
                "GET  | If-Modified-Since: no date",
                // What the client insists on.
                "GET  | If-Match: ETAG",
                "GET  | If-Match: *",
                "GET  | If-Match: \"other\"",
                "GET  | If-Match: W/ETAG",
                "GET  | If-Match: \"one\", ETAG",
                "HEAD | If-Match: \"other\"",
                "GET  | Range: bytes=0-9; If-Match: ETAG",
                "GET  | Range: bytes=0-9; If-Match: \"other\""
            })
    void theAnswerIsNginxs(String method, String fields) throws Exception {
        var theirs = askNginx(method, fields);
        var answer = askOurs(method, fields);
        assertThat(answer.statusCode()).isEqualTo(theirs.statusCode());
        assertThat(field(answer, "Content-Range")).isEqualTo(field(theirs, "Content-Range"));
        if (theirs.statusCode() < 300) {
            assertThat(answer.body()).isEqualTo(theirs.body());
            assertThat(field(answer, "Content-Length")).isEqualTo(field(theirs, "Content-Length"));
        }
        if (theirs.statusCode() == 200) {
            assertThat(field(answer, "Accept-Ranges")).isEqualTo(field(theirs, "Accept-Ranges"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                // Ranges are defined for GET alone (RFC 9110, section 14.2).
                "HEAD | Range: bytes=0-9   | 206 | 200",
                "HEAD | Range: bytes=LENGTH- | 416 | 200",
                // Beside If-None-Match nobody looks at If-Modified-Since (section 13.1.3).
                "GET  | If-None-Match: ETAG; If-Modified-Since: Sun, 01 Mar 1998 12:00:00 GMT | 200 | 304",
                // Several may be answered with the whole (section 14.2): no client of a package index asks for them.
                "GET  | Range: bytes=0-1,5-9     | 206 | 200",
                "GET  | Range: bytes=0-99,50-149 | 206 | 200",
                "GET  | Range: bytes=0-9,-9      | 206 | 200",
                // What is no range may be refused or ignored (section 14.2); who ignores it serves the client.
                "GET  | Range: bytes=9-5   | 416 | 200",
                "GET  | Range: bytes=-     | 416 | 200",
                "GET  | Range: bytes=x-y   | 416 | 200",
                "GET  | Range: bytes=5     | 416 | 200",
                "GET  | Range: bytes=--5   | 416 | 200",
                "GET  | Range: bytes=1-2x  | 416 | 200"
            })
    void whereTheAnswerIsAnotherItIsOnPurpose(String method, String fields, int nginxs, int ours) throws Exception {
        assertThat(askNginx(method, fields).statusCode()).as("nginx").isEqualTo(nginxs);
        var answer = askOurs(method, fields);
        assertThat(answer.statusCode()).isEqualTo(ours);
        if (ours == 200) {
            assertThat(field(answer, "Content-Length")).isEqualTo(Integer.toString(LENGTH));
            assertThat(answer.body()).isEqualTo(method.equals("HEAD") ? new byte[0] : FILE.content());
        }
    }
}
