package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NegotiationTest {
    private static final String JSON = "application/vnd.pypi.simple.v1+json";
    private static final String HTML = "application/vnd.pypi.simple.v1+html";
    private static final String TEXT = "text/html; charset=utf-8";

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            none | text/html; charset=utf-8
            '' | text/html; charset=utf-8
            '  ' | text/html; charset=utf-8
            */* | text/html; charset=utf-8
            text/html | text/html; charset=utf-8
            TEXT/HTML | text/html; charset=utf-8
            text/* | text/html; charset=utf-8
            application/vnd.pypi.simple.v1+json | application/vnd.pypi.simple.v1+json
            Application/Vnd.PyPI.Simple.v1+JSON | application/vnd.pypi.simple.v1+json
            application/vnd.pypi.simple.latest+json | application/vnd.pypi.simple.v1+json
            application/vnd.pypi.simple.v1+html | application/vnd.pypi.simple.v1+html
            application/vnd.pypi.simple.latest+html | application/vnd.pypi.simple.v1+html
            application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01 | application/vnd.pypi.simple.v1+json
            application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01 | application/vnd.pypi.simple.v1+json
            text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8 | text/html; charset=utf-8
            text/html;q=0.9, application/vnd.pypi.simple.v1+json;q=0.899 | text/html; charset=utf-8
            text/html;q=0.1, application/vnd.pypi.simple.v1+json;q=0.2 | application/vnd.pypi.simple.v1+json
            text/html, application/vnd.pypi.simple.v1+json | application/vnd.pypi.simple.v1+json
            text/html, application/vnd.pypi.simple.v1+html | application/vnd.pypi.simple.v1+html
            application/vnd.pypi.simple.v1+json, */* | application/vnd.pypi.simple.v1+json
            application/vnd.pypi.simple.v1+json;q=0.5, */* | text/html; charset=utf-8
            application/vnd.pypi.simple.v1+json;q=0, */* | text/html; charset=utf-8
            text/html;q=0, application/vnd.pypi.simple.v1+json;q=0, */*;q=0.1 | application/vnd.pypi.simple.v1+json
            application/* | application/vnd.pypi.simple.v1+json
            application/*, text/html;q=0.5 | application/vnd.pypi.simple.v1+json
            application/*;q=0.3, text/html;q=0.5 | text/html; charset=utf-8
            application/vnd.pypi.simple.v2+json, application/vnd.pypi.simple.v1+json | application/vnd.pypi.simple.v1+json
            application/vnd.pypi.simple.v1+json;charset=utf-8;q=1.0 | application/vnd.pypi.simple.v1+json
            ;;;,,, text/html ;q=0.5 , | text/html; charset=utf-8
            text/html;q=nonsense, application/vnd.pypi.simple.v1+json;q=0.001 | application/vnd.pypi.simple.v1+json
            """)
    void theFormIsWhatTheClientPrefers(@Nullable String accept, String contentType) {
        assertThat(Negotiation.form(Optional.ofNullable(accept), Optional.empty()))
                .isEqualTo(new Negotiation.Choice.Chosen(
                        contentType.equals(JSON) ? PageForm.JSON : PageForm.HTML, contentType));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "image/png",
                "application/vnd.pypi.simple.v2+json",
                "text/html;q=0",
                "*/*;q=0",
                "*/*;q=0.0000001",
                "*/*;q=-1",
                "*/*;q=2",
                "nonsense",
                "text/",
                ",",
                "text/plain, image/*"
            })
    void whereNothingFitsNothingIsAcceptable(String accept) {
        assertThat(Negotiation.form(Optional.of(accept), Optional.empty()))
                .isEqualTo(new Negotiation.Choice.NotAcceptable());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            application/vnd.pypi.simple.v1+json | application/vnd.pypi.simple.v1+json
            application/vnd.pypi.simple.v1 json | application/vnd.pypi.simple.v1+json
            application/vnd.pypi.simple.latest+json | application/vnd.pypi.simple.v1+json
            application/vnd.pypi.simple.v1+html | application/vnd.pypi.simple.v1+html
            application/vnd.pypi.simple.latest+html | application/vnd.pypi.simple.v1+html
            text/html | text/html; charset=utf-8
            """)
    void theQuerysFormatGoesOverTheHeader(String format, String contentType) {
        for (String accept : new String[] {JSON, HTML, "text/html", "image/png", "*/*"}) {
            assertThat(Negotiation.form(Optional.of(accept), Optional.of(format)))
                    .isEqualTo(new Negotiation.Choice.Chosen(
                            contentType.equals(JSON) ? PageForm.JSON : PageForm.HTML, contentType));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "json", "*/*", "application/*", "text/html;q=1", "text/html,text/html"})
    void anUnknownFormatIsNotAcceptable(String format) {
        assertThat(Negotiation.form(Optional.of(TEXT), Optional.of(format)))
                .isEqualTo(new Negotiation.Choice.NotAcceptable());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            none | IDENTITY
            '' | IDENTITY
            identity | IDENTITY
            gzip, deflate | GZIP
            gzip, deflate, zstd | ZSTD
            zstd | ZSTD
            GZIP | GZIP
            x-gzip | GZIP
            gzip;q=1.0, zstd;q=0.5 | GZIP
            gzip;q=0.5, identity | IDENTITY
            gzip;q=0.5 | GZIP
            gzip;q=0.001 | GZIP
            gzip;q=0 | IDENTITY
            br, deflate | IDENTITY
            * | ZSTD
            *;q=0.1, gzip | GZIP
            zstd;q=0, * | GZIP
            identity;q=0, gzip | GZIP
            identity;q=0, * | ZSTD
            identity, *;q=0 | IDENTITY
            gzip;q=bad | IDENTITY
            """)
    void theCodingIsTheSmallestOfThoseTheClientPrefers(@Nullable String accept, ContentCoding coding) {
        assertThat(Negotiation.coding(Optional.ofNullable(accept))).contains(coding);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"identity;q=0", "*;q=0", "br, identity;q=0", "br, *;q=0", "identity;q=0, gzip;q=0, zstd;q=0"})
    void whoeverExcludesIdentityMayGetNothing(String accept) {
        assertThat(Negotiation.coding(Optional.of(accept))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            application/vnd.pypi.simple.v1+json | JSON
            application/vnd.pypi.simple.v1+json; charset=utf-8 | JSON
            Text/HTML;charset=UTF-8 | HTML
            application/vnd.pypi.simple.v1+html | HTML
            """)
    void anUpstreamsContentTypeTellsTheForm(String contentType, PageForm form) {
        assertThat(PageForm.ofContentType(contentType)).contains(form);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "application/json", "application/vnd.pypi.simple.v2+json", "text/plain", ";", "text/htmlx"})
    void otherContentTypesAreNoPages(String contentType) {
        assertThat(PageForm.ofContentType(contentType)).isEmpty();
    }

    @Test
    void whatAMirrorAsksForIsJsonFirst() {
        assertThat(Negotiation.form(Optional.of(PageForm.ACCEPT), Optional.empty()))
                .isEqualTo(new Negotiation.Choice.Chosen(PageForm.JSON, JSON));
    }

    @Test
    void noHeaderMakesItThrowAndLongOnesAreCutOff() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(9110);
        String[] pieces = {
            ",", ";", "q=", "0.", "1", "9", "*", "/", "text", "html", " ", "\u0000", "\u00df", JSON, "=", "\"", "gzip"
        };
        for (int round = 0; round < 50_000; round++) {
            var header = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                header.append(pieces[random.nextInt(pieces.length)]);
            }
            assertThat(Negotiation.form(Optional.of(header.toString()), Optional.empty()))
                    .isNotNull();
            assertThat(Negotiation.coding(Optional.of(header.toString()))).isNotNull();
        }
        assertThat(Negotiation.form(Optional.of("a/b,".repeat(100_000) + JSON), Optional.empty()))
                .isEqualTo(new Negotiation.Choice.NotAcceptable());
    }
}
