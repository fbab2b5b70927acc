package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlPageTest {
    private static final URI BASE = URI.create("https://index.example/simple/foo/");
    private static final String SHA = "0123456789abcdef".repeat(4);

    @Test
    void everyAttributeOfALinkIsRead() {
        var page = page("""
                <!DOCTYPE html><html><head>
                <meta name="pypi:repository-version" content="1.4">
                <meta name="pypi:project-status" content="deprecated">
                <meta name="pypi:project-status-reason" content="use &quot;bar&quot;">
                <title>Links for foo</title></head><body><h1>Links for foo</h1>
                <a href="https://files.example/packages/foo-1.0-py3-none-any.whl#sha256=%s"
                   data-requires-python="&gt;=3.8,&lt;4" data-yanked="broken &amp; bad"
                   data-core-metadata="sha256=%s" data-dist-info-metadata="true"
                   data-provenance="/integrity/foo" data-gpg-sig="false">foo-1.0-py3-none-any.whl</a><br>
                </body></html>
                """.formatted(SHA, "f".repeat(64)));
        assertThat(page.status().map(ProjectStatus::status)).contains("deprecated");
        assertThat(page.status().flatMap(ProjectStatus::reason)).contains("use \"bar\"");
        var file = page.files().getFirst();
        assertThat(file.filename()).isEqualTo("foo-1.0-py3-none-any.whl");
        assertThat(file.location().uri())
                .isEqualTo(URI.create("https://files.example/packages/foo-1.0-py3-none-any.whl"));
        assertThat(file.sha256()).contains(new Sha256(SHA));
        assertThat(file.requiresPython()).contains(">=3.8,<4");
        assertThat(file.yanked()).isEqualTo(Yanked.because("broken & bad"));
        assertThat(file.coreMetadata().sha256()).contains(new Sha256("f".repeat(64)));
        assertThat(file.provenance().map(Location::uri)).contains(URI.create("https://index.example/integrity/foo"));
        assertThat(file.gpgSignature()).contains(false);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            data-yanked | yes
            data-yanked="" | yes
            data-yanked=reason | yes
            data-requires-python="" | no
            '' | no
            """)
    void thePresenceOfTheAttributeYanks(String attribute, String yanked) {
        var file = page("<a href='foo-1.zip' " + attribute + ">foo</a>").files().getFirst();
        assertThat(file.yanked() instanceof Yanked.Yes).isEqualTo(yanked.equals("yes"));
        assertThat(file.requiresPython()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            data-core-metadata="true" | true
            data-dist-info-metadata="true" | true
            data-core-metadata="false" data-dist-info-metadata="true" | false
            data-core-metadata="md5=00" | true
            '' | false
            """)
    void coreMetadataGoesOverItsOldName(String attributes, boolean present) {
        var file =
                page("<a href='foo-1.whl' " + attributes + ">foo</a>").files().getFirst();
        assertThat(file.coreMetadata() instanceof CoreMetadata.Present).isEqualTo(present);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<a href='foo-1.zip'>",
                "<A HREF=foo-1.zip>",
                "<a href=foo-1.zip>foo",
                "<a\nhref = \"foo-1.zip\"\n>",
                "<a class=x href=\" foo-1.zip \n\">",
                "<a href='other' href='x'><a href='foo-1.zip' href='bar-1.zip'>",
                "<a/href=foo-1.zip>",
                "<p><b><i><a href=foo-1.zip></p>",
                "<a href=./foo-1.zip>",
                "<a href=/simple/foo/foo-1.zip>",
                "<a href='foo&#45;1&period;zip'>",
                "<a href=foo%2D1.zip>",
                "<a href='https://index.example/simple/foo/foo-1.zip#egg=foo'>",
                "<!-- <a href=no-1.zip> --><a href=foo-1.zip>",
                "<!--><a href=foo-1.zip>",
                "<!-- > --!><a href=foo-1.zip>",
                "<script>'<a href=no-1.zip>'</script><a href=foo-1.zip>",
                "<title><a href=no-1.zip></title ><a href=foo-1.zip>",
                "<style></styl><a href=no-1.zip></STYLE><a href=foo-1.zip>",
                "<!DOCTYPE html><?php ?></ nothing><a href=foo-1.zip>",
                "< a href=no-1.zip><a href=foo-1.zip>",
                "<a href=foo-1.zip><a href=cut-1.zip",
                "<a href=foo-1.zip><a href='cut-1.zip",
                "<a href=foo-1.zip><!-- <a href=no-1.zip>",
                "<img alt='<a href=no-1.zip>'><a href=foo-1.zip>",
                "\ufeff<a href=foo-1.zip>"
            })
    void linksAreFoundAsABrowserFindsThem(String html) {
        var page = page(html);
        assertThat(page.files().stream().map(ProjectFile::filename)).containsExactly("foo-1.zip");
        assertThat(page.files().getFirst().location().uri().getHost()).isEqualTo("index.example");
    }

    @Test
    void theFirstBaseCounts() {
        var page = page("<base target=_top><base href='https://files.example/a/'><base href='https://no.example/'>"
                + "<a href='../foo-1.zip'>");
        assertThat(page.files().getFirst().location().uri()).isEqualTo(URI.create("https://files.example/foo-1.zip"));
    }

    @Test
    void aBaseThatIsNoneIsExplained() {
        var parsed = parsed("<base href='file:///etc/'><a href='foo-1.zip'>");
        assertThat(parsed.droppedCount()).isEqualTo(1);
        assertThat(parsed.page().files().getFirst().location().uri()).isEqualTo(BASE.resolve("foo-1.zip"));
    }

    @Test
    void anNginxListingIsAPage() {
        var page = page("""
                <html><head><title>Index of /simple/foo/</title></head>
                <body><h1>Index of /simple/foo/</h1><hr><pre><a href="../">../</a>
                <a href="sub/">sub/</a>                       21-Nov-2026 10:00       -
                <a href="foo-1.0%2Blocal-py3-none-any.whl">foo-1.0+local-py3-none-any.whl</a>  21-Nov-2026 10:00   1234
                <a href="foo-1.0%2Blocal-py3-none-any.whl.metadata">foo-1.0+local-py3-none-any.whl.metadata</a>
                <a href="foo-1.0.tar.gz">foo-1.0.tar.gz</a>   21-Nov-2026 10:00   99
                <a href="foo-1.0.tar.gz.asc">foo-1.0.tar.gz.asc</a>
                <a href="index.html">index.html</a>
                </pre><hr></body></html>
                """);
        assertThat(page.files().stream().map(ProjectFile::filename))
                .containsExactly("foo-1.0+local-py3-none-any.whl", "foo-1.0.tar.gz");
        assertThat(page.offered()).isEmpty();
    }

    @Test
    void anApacheListingWithWaysOfSortingIsAPage() {
        var page = page("""
                <!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
                <html><head><title>Index of /simple/foo</title></head><body><h1>Index of /simple/foo</h1>
                <table><tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
                <tr><td><a href="/simple/">Parent Directory</a></td></tr>
                <tr><td><a href="foo-1.0.zip">foo-1.0.zip</a></td></tr></table></body></html>
                """);
        assertThat(page.files().stream().map(ProjectFile::filename)).containsExactly("foo-1.0.zip");
    }

    @Test
    void aListingOfPythonsOwnServerIsAPage() {
        var page = page("""
                <!DOCTYPE HTML>
                <html lang="en"><head><meta charset="utf-8"><title>Directory listing for /simple/foo/</title></head>
                <body><h1>Directory listing for /simple/foo/</h1><hr><ul>
                <li><a href="foo-1.0-py3-none-any.whl">foo-1.0-py3-none-any.whl</a></li>
                <li><a href="Foo%20Bar-1.0.zip">Foo Bar-1.0.zip</a></li>
                </ul><hr></body></html>
                """);
        assertThat(page.files().stream().map(ProjectFile::filename))
                .containsExactly("foo-1.0-py3-none-any.whl", "Foo Bar-1.0.zip");
    }

    @Test
    void aStaticIndexWithRelativeLinksAndDigestsIsOffered() {
        var page = page("<a href='../../files/foo-1.0.tar.gz#sha256=" + SHA + "'>foo-1.0.tar.gz</a>");
        assertThat(page.offered()).hasSize(1);
        assertThat(FilePath.of(page.files().getFirst()).map(FilePath::path))
                .contains("sha256/" + SHA + "/foo-1.0.tar.gz");
        assertThat(page.files().getFirst().location().uri())
                .isEqualTo(URI.create("https://index.example/files/foo-1.0.tar.gz"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<a href='file:///etc/foo-1.zip'>",
                "<a href='ftp://files.example/foo-1.zip'>",
                "<a href='https://user:secret@files.example/foo-1.zip'>",
                "<a href='.foo-1.zip'>",
                "<a href='-foo-1.zip'>",
                "<a href='a%2Ffoo-1.zip'>",
                "<a href='..%5Cfoo-1.zip'>",
                "<a href='foo%00-1.zip'>",
                "<a href='f%C3%B6-1.zip'>",
                "<a href='foo-1.zip#sha256=00'>",
                "<a href='foo-1.zip' data-core-metadata='sha256=00'>",
                "<a href='foo-1.zip' data-core-metadata='maybe'>",
                "<a href='foo-1.zip' data-gpg-sig='maybe'>",
                "<a href='foo-1.zip' data-provenance='javascript:alert(1)'>",
                "<a href='foo-1.zip' data-requires-python='&#1;'>",
                "<a href='foo-1.zip' data-yanked='&#1;'>",
                "<a href='good-1.zip'>"
            })
    void aBadLinkIsDroppedAndTheOthersStay(String link) {
        var parsed = parsed("<a href='good-1.zip'>good-1.zip</a>" + link + "text</a>");
        assertThat(parsed.page().files().stream().map(ProjectFile::filename)).containsExactly("good-1.zip");
        assertThat(parsed.droppedCount()).isEqualTo(1);
        assertThat(parsed.dropped().getFirst().reason()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html><body>502 Bad Gateway</body></html>",
                "<a href='https://login.example/'>Log in</a>",
                "{\"files\":[]}",
                "<meta name='pypi:repository-version' content='2.0'>",
                "<meta name='pypi:repository-version' content='1'>",
                "<meta name='pypi:repository-version' content='1.0'><meta name='pypi:project-status' content=''>"
            })
    void whatIsNoPageIsUnreadable(String html) {
        assertThat(parse(html)).isInstanceOf(PageParsing.Unreadable.class);
    }

    @Test
    void aPageWithoutFilesThatDeclaresItselfIsAPage() {
        assertThat(page("<meta name='pypi:repository-version' content='1.0'>").files())
                .isEmpty();
    }

    @Test
    void aProjectInQuarantineOffersNothing() {
        var page =
                page("<meta name='pypi:project-status' content='quarantined'><a href='foo-1.zip#sha256=" + SHA + "'>");
        assertThat(page.offered()).isEmpty();
    }

    private static ProjectPage page(String html) {
        var parsed = parsed(html);
        assertThat(parsed.dropped()).isEqualTo(List.of());
        return parsed.page();
    }

    private static PageParsing.Parsed parsed(String html) {
        PageParsing parsing = parse(html);
        assertThat(parsing).isInstanceOf(PageParsing.Parsed.class);
        return (PageParsing.Parsed) parsing;
    }

    private static PageParsing parse(String html) {
        return new PageParser(Limits.usual())
                .parse(PageForm.HTML, html.getBytes(StandardCharsets.UTF_8), BASE, ProjectName.of("foo"));
    }
}
