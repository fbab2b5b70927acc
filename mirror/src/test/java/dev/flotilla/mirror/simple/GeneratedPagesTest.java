package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class GeneratedPagesTest {
    private static final int ROUNDS = 3_000;
    private static final URI BASE = URI.create("https://index.example/simple/foo/");
    private static final PageParser PARSER = new PageParser(Limits.usual());

    @Test
    void aPageRenderedInJsonParsesToItself() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(691);
        for (int round = 0; round < ROUNDS; round++) {
            ProjectPage page = GeneratedPages.page(random);
            byte[] json = PageRenderer.json(page, FileLinks.upstream());
            assertThat(parse(PageForm.JSON, json, page.name())).isEqualTo(page);
            assertThat(PageRenderer.json(page, FileLinks.upstream())).isEqualTo(json);
        }
    }

    @Test
    void htmlSaysTheSameAsJsonAsFarAsItCan() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(833);
        for (int round = 0; round < ROUNDS; round++) {
            ProjectPage page = GeneratedPages.page(random);
            byte[] html = PageRenderer.html(page, FileLinks.upstream());
            assertThat(parse(PageForm.HTML, html, page.name())).isEqualTo(inHtml(page));
            assertThat(PageRenderer.html(page, FileLinks.upstream())).isEqualTo(html);
        }
    }

    @Test
    void bothFormsWithRelativeLinksLeadToTheSameFilesOfThisMirror() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(503);
        for (int round = 0; round < ROUNDS; round++) {
            ProjectPage page = GeneratedPages.page(random);
            List<URI> expected = page.files().stream()
                    .map(file -> FilePath.of(file).orElseThrow())
                    .map(path -> URI.create("https://index.example/packages/" + path.path()))
                    .toList();
            ProjectPage json = parse(PageForm.JSON, PageRenderer.json(page, FileLinks.relative()), page.name());
            ProjectPage html = parse(PageForm.HTML, PageRenderer.html(page, FileLinks.relative()), page.name());
            assertThat(json.files().stream().map(file -> file.location().uri())).isEqualTo(expected);
            assertThat(html.files().stream().map(file -> file.location().uri())).isEqualTo(expected);
            for (ProjectFile file : json.files()) {
                assertThat(page.named(FilePath.of(file).orElseThrow()).map(ProjectFile::filename))
                        .contains(file.filename());
            }
        }
    }

    /** Views are made of the JSON that clients get: reading it back may lose nothing that either form says. */
    @Test
    void aPageAsItIsOfferedCanBeReadBackAndIsOfferedInTheSameBytesAgain() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(2026);
        var own = new PageParser(Limits.ofOwnPages());
        for (int round = 0; round < ROUNDS; round++) {
            ProjectPage page = GeneratedPages.page(random);
            byte[] json = PageRenderer.json(page, FileLinks.relative());
            var parsing = own.parse(PageForm.JSON, json, URI.create("http://localhost/simple/x/"), page.name());
            assertThat(parsing).isInstanceOf(PageParsing.Parsed.class);
            var parsed = (PageParsing.Parsed) parsing;
            assertThat(parsed.dropped()).isEmpty();
            assertThat(PageRenderer.json(parsed.page(), FileLinks.relative())).isEqualTo(json);
            assertThat(PageRenderer.html(parsed.page(), FileLinks.relative()))
                    .isEqualTo(PageRenderer.html(page, FileLinks.relative()));
        }
    }

    private static ProjectPage parse(PageForm form, byte[] body, ProjectName name) {
        PageParsing parsing = PARSER.parse(form, body, BASE, name);
        assertThat(parsing)
                .isInstanceOfSatisfying(
                        PageParsing.Parsed.class,
                        parsed -> assertThat(parsed.dropped()).isEmpty());
        return ((PageParsing.Parsed) parsing).page();
    }

    /** What is left of a page in HTML: no versions, no unknown keys; of files no size and time, and one digest. */
    private static ProjectPage inHtml(ProjectPage page) {
        return new ProjectPage(
                page.name(),
                page.files().stream().map(GeneratedPagesTest::inHtml).toList(),
                List.of(),
                page.status()
                        .map(status ->
                                new ProjectStatus(status.status(), status.reason(), Collections.emptySortedMap())),
                Collections.emptySortedMap(),
                Collections.emptySortedMap());
    }

    private static ProjectFile inHtml(ProjectFile file) {
        return new ProjectFile(
                file.filename(),
                file.location(),
                file.hashes().one(),
                file.requiresPython(),
                file.yanked(),
                file.coreMetadata() instanceof CoreMetadata.Present present
                        ? CoreMetadata.present(present.hashes().one())
                        : CoreMetadata.absent(),
                OptionalLong.empty(),
                Optional.empty(),
                file.provenance(),
                file.gpgSignature(),
                Collections.emptySortedMap());
    }
}
