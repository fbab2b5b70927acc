package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The short way of plain references gives what the long way of all others does (RFC 3986, section 5). */
class BaseUrlTest {
    private static final List<String> BASES = List.of(
            "https://index.example/simple/foo/",
            "http://127.0.0.1:8080/a/b",
            "https://index.example",
            "https://index.example/",
            "https://index.example/a%20b/c/",
            "https://index.example/a//b/",
            "https://user@index.example/simple/foo/",
            "https://[::1]:1/simple/foo/",
            "https://under_score.example/simple/foo/");

    private static final String[] PIECES = {
        "https://files.example",
        "https://files.example:443",
        "http://files.example",
        "https://Files.example",
        "https://user@files.example",
        "https://bad_host.example",
        "https://",
        "file://",
        "mailto:x",
        "//files.example",
        "/",
        "/",
        "/",
        "../",
        "../",
        "./",
        ".",
        "..",
        "/packages/ab/cd/",
        "/packages/",
        "foo-1.0.tar.gz",
        "foo",
        "1.0",
        "a+b~c!d",
        "%20",
        "%zz",
        " ",
        "\u00e9",
        "?a=b",
        "#sha256=00",
        "#",
        ":",
        "\\",
        "[",
        "x:y",
        "\u0000"
    };

    @Test
    void bothWaysAgreeOnWhateverStandsOnAPage() {
        var random = new Random(20260101);
        int found = 0;
        for (String written : BASES) {
            URI base = URI.create(written);
            var url = new BaseUrl(base);
            for (int i = 0; i < 20_000; i++) {
                String reference = reference(random);
                Optional<String> location = located(url, reference);
                assertThat(location).as("%s on %s", reference, base).isEqualTo(longWay(base, reference));
                found += location.isPresent() ? 1 : 0;
            }
        }
        assertThat(found).isBetween(30_000, 150_000);
    }

    private static String reference(Random random) {
        var reference = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            reference.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return reference.toString();
    }

    private static Optional<String> located(BaseUrl base, String reference) {
        try {
            return Optional.of(base.resolve(reference).text());
        } catch (URISyntaxException none) {
            return Optional.empty();
        }
    }

    private static Optional<String> longWay(URI base, String reference) {
        try {
            return Optional.of(Locations.resolve(base, reference).toString());
        } catch (URISyntaxException none) {
            return Optional.empty();
        }
    }

    @Test
    void aLocationsPathIsWhatStandsBetweenHostAndQuery() {
        for (String text : List.of("https://a.example/b/c%20d", "https://a.example/b?c=/d", "http://[::1]:80/")) {
            assertThat(Location.of(URI.create(text)).rawPath())
                    .isEqualTo(URI.create(text).getRawPath());
        }
        assertThat(Location.of(URI.create("https://a.example/b.whl?c=d")).withSuffix(".metadata"))
                .isEqualTo(Location.of(URI.create("https://a.example/b.whl.metadata?c=d")));
    }
}
