package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OldPathTest {
    private static final String SHA = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "source/r/requests/requests-2.31.0.tar.gz, requests, requests-2.31.0.tar.gz",
        "source/R/Requests/requests-2.31.0.tar.gz, requests, requests-2.31.0.tar.gz",
        "source/f/Flask_Login/Flask-Login-0.1.tar.gz, flask-login, Flask-Login-0.1.tar.gz",
        "py2.py3/s/six/six-1.16.0-py2.py3-none-any.whl, six, six-1.16.0-py2.py3-none-any.whl",
        "cp39/n/numpy/numpy-1.0-cp39-cp39-linux_x86_64.whl, numpy, numpy-1.0-cp39-cp39-linux_x86_64.whl",
        "any/p/py/py-1.0.win32.exe, py, py-1.0.win32.exe",
        "2.7/z/zope.interface/zope.interface-4.0-py2.7.egg, zope-interface, zope.interface-4.0-py2.7.egg",
        "source/t/torch/torch-2.0%2Bcpu.tar.gz, torch, torch-2.0+cpu.tar.gz",
        "source/7/7zip/7zip-1.0.tar.gz, 7zip, 7zip-1.0.tar.gz"
    })
    void anOldPathNamesAProjectAndAFile(String path, String project, String filename) {
        assertThat(OldPath.parse(path))
                .isEqualTo(new OldPath.Parsing.Parsed(new OldPath(ProjectName.of(project), filename, false)));
    }

    @Test
    void metadataStandsBehindWheelsOnly() {
        assertThat(OldPath.parse("py3/f/foo/foo-1.0-py3-none-any.whl.metadata"))
                .isEqualTo(new OldPath.Parsing.Parsed(
                        new OldPath(ProjectName.of("foo"), "foo-1.0-py3-none-any.whl", true)));
        assertThat(OldPath.parse("source/f/foo/foo-1.0.tar.gz.metadata")).isInstanceOf(OldPath.Parsing.Refused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "source/x/foo/foo-1.0.tar.gz",
                "source/F/foo/foo-1.0.tar.gz",
                "source/f/foo/foo-1.0.tar.gz.asc",
                "source/f/foo/..%2Ffoo-1.0.tar.gz",
                "source/f/foo/.tar.gz",
                "source/f/foo/f%6Fo-1.0.tar.gz"
            })
    void whatHasTheFormAndCanNotBeIsRefusedWithAReason(String path) {
        assertThat(OldPath.parse(path))
                .isInstanceOfSatisfying(
                        OldPath.Parsing.Refused.class,
                        refused -> assertThat(refused.reason()).isNotBlank());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "source",
                "source/f/foo",
                "source/f/foo/",
                "source/f/foo/bar/foo-1.0.tar.gz",
                "source/fo/foo/foo-1.0.tar.gz",
                "source/f/foo-/foo-1.0.tar.gz",
                "source/%66/foo/foo-1.0.tar.gz",
                "source/f/f%6Fo/foo-1.0.tar.gz",
                "../f/foo/foo-1.0.tar.gz",
                "so urce/f/foo/foo-1.0.tar.gz",
                "/source/f/foo/foo-1.0.tar.gz"
            })
    void whatHasNotTheFormIsNone(String path) {
        assertThat(OldPath.parse(path)).isEqualTo(new OldPath.Parsing.Other());
    }

    @Test
    void noPathIsBothAnOldOneAndOneWithADigest() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1503);
        String[] parts = {
            "source",
            "py3",
            "sha256",
            "a",
            "ab",
            "abc",
            "f",
            "foo",
            "foo-1.0.tar.gz",
            SHA,
            SHA.substring(4),
            "..",
            "%2F"
        };
        int digests = 0;
        int old = 0;
        for (int round = 0; round < 100_000; round++) {
            var path = new StringBuilder(parts[random.nextInt(parts.length)]);
            for (int i = random.nextInt(5); i > 0; i--) {
                path.append('/').append(parts[random.nextInt(parts.length)]);
            }
            boolean isDigest = FilePath.parse(path.toString()).isPresent();
            boolean isOld = OldPath.parse(path.toString()) instanceof OldPath.Parsing.Parsed;
            assertThat(isDigest && isOld).as(path.toString()).isFalse();
            digests += isDigest ? 1 : 0;
            old += isOld ? 1 : 0;
        }
        assertThat(digests).isPositive();
        assertThat(old).isPositive();
    }

    private static ProjectFile file(String name) {
        return ProjectFile.of(
                name, Location.of(URI.create("https://files.example/x/" + name)), Digests.of(Map.of("sha256", SHA)));
    }

    private static ProjectPage page(String... names) {
        return ProjectPage.of(
                ProjectName.of("foo-bar"),
                List.of(names).stream().map(OldPathTest::file).toList(),
                List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "foo_bar-1.0.tar.gz, foo_bar-1.0.tar.gz",
        "foo-bar-1.0.tar.gz, foo-bar-1.0.tar.gz",
        "Foo.Bar-1.0.tar.gz, foo_bar-1.0.tar.gz",
        "Foo.Bar-2.0.tar.gz, foo_bar-2.0.tar.gz",
        "foo.bar-2.0-py3-none-any.whl, Foo_Bar-2.0-py3-none-any.whl"
    })
    void aFileIsFoundInAnySpellingOfItsProjectsNameAndByItsOwnFirst(String asked, String found) {
        var page =
                page("foo_bar-1.0.tar.gz", "foo-bar-1.0.tar.gz", "foo_bar-2.0.tar.gz", "Foo_Bar-2.0-py3-none-any.whl");
        assertThat(page.named(asked).map(ProjectFile::filename)).contains(found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "foo-bar-1.0.zip",
                "foo-bar-1.0.0.tar.gz",
                "foo-1.0.tar.gz",
                "bar-1.0.tar.gz",
                "x-foo-bar-1.0.tar.gz"
            })
    void anotherVersionKindOrProjectIsAnotherFile(String asked) {
        assertThat(page("foo_bar-1.0.tar.gz", "foo-bar-1-0.tar.gz").named(asked))
                .isEmpty();
    }
}
