package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PageRendererTest {
    private static final String SHA = "0123456789abcdef".repeat(4);
    private static final String BLAKE = "/packages/ab/ab/" + "ab".repeat(30) + "/";
    private static final ProjectName FOO = ProjectName.of("foo");
    private static final ProjectFile PLAIN = ProjectFile.of(
            "foo-1.0.zip",
            Location.of(URI.create("https://files.example/foo-1.0.zip")),
            Digests.of(Map.of("sha256", SHA)));
    private static final ProjectFile FULL = new ProjectFile(
            "foo-1.0+x-py3-none-any.whl",
            Location.of(URI.create("https://files.example" + BLAKE + "foo-1.0+x-py3-none-any.whl")),
            Digests.of(Map.of("sha256", SHA, "md5", "00")),
            Optional.of(">=3.8,<4"),
            Yanked.because("a \"bad\" <one> & 'more'\r\n\u20ac"),
            CoreMetadata.present(Digests.of(Map.of("sha256", SHA))),
            OptionalLong.of(42),
            Optional.of("2024-01-01T00:00:00.000001Z"),
            Optional.of(Location.of(URI.create("https://index.example/p?a=1&b=2"))),
            Optional.of(false),
            new TreeMap<>(Map.of("x-new", JsonText.of("[1.0, null]"))));

    @Test
    void jsonHasEveryKeyThatHasAValueAndNoOther() {
        var page = new ProjectPage(
                FOO,
                List.of(FULL),
                List.of("1.0+x"),
                Optional.of(new ProjectStatus("archived", Optional.of("moved"), Collections.emptySortedMap())),
                new TreeMap<>(Map.of("_top", JsonText.of("true"))),
                new TreeMap<>(Map.of("_meta", JsonText.of("{}"))));
        assertThat(json(page))
                .isEqualTo("{\"meta\":{\"api-version\":\"1.4\",\"_meta\":{}},\"name\":\"foo\","
                        + "\"project-status\":{\"status\":\"archived\",\"reason\":\"moved\"},\"versions\":[\"1.0+x\"],"
                        + "\"files\":[{\"filename\":\"foo-1.0+x-py3-none-any.whl\",\"url\":\"../.." + BLAKE
                        + "foo-1.0+x-py3-none-any.whl\",\"hashes\":{\"md5\":\"00\",\"sha256\":\"" + SHA
                        + "\"},\"requires-python\":\">=3.8,<4\",\"size\":42,\"upload-time\":\"2024-01-01T00:00:00.000001Z\","
                        + "\"yanked\":\"a \\\"bad\\\" <one> & 'more'\\r\\n\u20ac\",\"core-metadata\":{\"sha256\":\""
                        + SHA
                        + "\"},\"provenance\":\"../../integrity/foo/1.0+x/foo-1.0+x-py3-none-any.whl/provenance\",\"gpg-sig\":false,"
                        + "\"x-new\":[1.0,null]}],\"_top\":true}");
    }

    @Test
    void jsonLeavesOutWhatIsNotKnownAndNeverWritesNull() {
        assertThat(json(ProjectPage.of(FOO, List.of(PLAIN), List.of("1.0"))))
                .isEqualTo("{\"meta\":{\"api-version\":\"1.0\"},\"name\":\"foo\",\"versions\":[\"1.0\"],"
                        + "\"files\":[{\"filename\":\"foo-1.0.zip\",\"url\":\"../../packages/sha256/" + SHA
                        + "/foo-1.0.zip\",\"hashes\":{\"sha256\":\"" + SHA + "\"}}]}");
    }

    @Test
    void htmlEscapesEverythingThatCouldEndAnAttribute() {
        var page = new ProjectPage(
                FOO,
                List.of(FULL),
                List.of("1.0+x"),
                Optional.of(new ProjectStatus("archived", Optional.of("\"moved\""), Collections.emptySortedMap())),
                Collections.emptySortedMap(),
                Collections.emptySortedMap());
        assertThat(html(page)).isEqualTo("""
                        <!DOCTYPE html>
                        <html>
                        <head>
                        <meta charset="utf-8">
                        <meta name="pypi:repository-version" content="1.4">
                        <meta name="pypi:project-status" content="archived">
                        <meta name="pypi:project-status-reason" content="&quot;moved&quot;">
                        <title>Links for foo</title>
                        </head>
                        <body>
                        <h1>Links for foo</h1>
                        <a href="../..%sfoo-1.0+x-py3-none-any.whl#sha256=%s" data-requires-python="&gt;=3.8,&lt;4" \
                        data-dist-info-metadata="sha256=%s" data-core-metadata="sha256=%s" \
                        data-yanked="a &quot;bad&quot; &lt;one&gt; &amp; &#39;more&#39;&#13;&#10;\u20ac" \
                        data-provenance="../../integrity/foo/1.0+x/foo-1.0+x-py3-none-any.whl/provenance" data-gpg-sig="false">\
                        foo-1.0+x-py3-none-any.whl</a><br>
                        </body>
                        </html>
                        """.formatted(BLAKE, SHA, SHA, SHA));
    }

    @Test
    void jsonDeclares14OnlyWhereSizesAndVersionsAreKnown() {
        assertThat(json(ProjectPage.of(FOO, List.of(FULL), List.of("1.0")))).contains("\"api-version\":\"1.4\"");
        assertThat(json(ProjectPage.of(FOO, List.of(), List.of())))
                .contains("\"api-version\":\"1.4\"", "\"versions\":[]");
        assertThat(json(ProjectPage.of(FOO, List.of(FULL, PLAIN), List.of("1.0"))))
                .contains("\"api-version\":\"1.0\"");
        assertThat(json(ProjectPage.of(FOO, List.of(FULL), List.of())))
                .contains("\"api-version\":\"1.0\"")
                .doesNotContain("versions\"");
    }

    @Test
    void htmlAlwaysDeclares14() {
        assertThat(html(ProjectPage.of(FOO, List.of(PLAIN), List.of()))).contains("content=\"1.4\"");
    }

    @Test
    void aFileWithoutADigestIsNotOffered() {
        var bare = ProjectFile.of(
                "foo-1.0.zip", Location.of(URI.create("https://files.example/foo-1.0.zip")), Digests.none());
        var page = ProjectPage.of(FOO, List.of(bare), List.of("1.0"));
        assertThat(json(page)).contains("\"files\":[]");
        assertThat(html(page)).doesNotContain("<a ");
    }

    @Test
    void aProjectInQuarantineHasItsStatusAndNoFiles() {
        var page = new ProjectPage(
                FOO,
                List.of(FULL),
                List.of("1.0"),
                Optional.of(ProjectStatus.of("quarantined")),
                Collections.emptySortedMap(),
                Collections.emptySortedMap());
        assertThat(json(page)).contains("\"status\":\"quarantined\"", "\"files\":[]", "\"versions\":[\"1.0\"]");
        assertThat(html(page)).contains("content=\"quarantined\"").doesNotContain("<a ");
    }

    @Test
    void whatThisMirrorHasNoRouteForIsNotAdvertised() {
        var sdist = new ProjectFile(
                "foo-1.0.zip",
                PLAIN.location(),
                PLAIN.hashes(),
                Optional.empty(),
                Yanked.no(),
                CoreMetadata.present(Digests.of(Map.of("sha256", SHA))),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(true),
                Collections.emptySortedMap());
        var installer = new ProjectFile(
                "foo-1.0.win32.exe",
                PLAIN.location(),
                PLAIN.hashes(),
                Optional.empty(),
                Yanked.no(),
                CoreMetadata.absent(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.of(Location.of(URI.create("https://index.example/integrity/foo"))),
                Optional.empty(),
                Collections.emptySortedMap());
        var page = ProjectPage.of(FOO, List.of(sdist, installer), List.of("1.0"));
        assertThat(json(page)).doesNotContain("core-metadata", "gpg-sig", "provenance");
        assertThat(html(page)).doesNotContain("metadata=", "gpg-sig", "provenance");
    }

    @Test
    void metadataAndYankedWithoutDetailsAreTrue() {
        var file = new ProjectFile(
                "foo-1.0-py3-none-any.whl",
                Location.of(URI.create("https://files.example/foo-1.0-py3-none-any.whl")),
                PLAIN.hashes(),
                Optional.empty(),
                Yanked.because(""),
                CoreMetadata.present(Digests.none()),
                OptionalLong.of(1),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Collections.emptySortedMap());
        var page = ProjectPage.of(FOO, List.of(file), List.of("1.0"));
        assertThat(json(page))
                .contains("\"yanked\":true", "\"core-metadata\":true")
                .doesNotContain("dist-info-metadata", "null");
        assertThat(html(page))
                .contains(" data-dist-info-metadata=\"true\" data-core-metadata=\"true\"", " data-yanked=\"\"");
    }

    private static String json(ProjectPage page) {
        return new String(PageRenderer.json(page, FileLinks.relative()), StandardCharsets.UTF_8);
    }

    private static String html(ProjectPage page) {
        return new String(PageRenderer.html(page, FileLinks.relative()), StandardCharsets.UTF_8);
    }
}
