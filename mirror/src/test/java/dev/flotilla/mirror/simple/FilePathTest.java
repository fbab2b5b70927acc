package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilePathTest {
    private static final String BLAKE = "abababababababababababababababababababababababababababababababab";
    private static final String PYPI = "ab/ab/abababababababababababababababababababababababababababababab/";
    private static final String SHA = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String BY_SHA = "sha256/" + SHA + "/";
    private static final String WHEEL = "foo-1.0-py3-none-any.whl";

    @Test
    void aPathOfPypiCarriesTheBlake2bDigest() {
        var path = FilePath.parse(PYPI + WHEEL).orElseThrow();
        assertThat(path).isEqualTo(new FilePath.ByBlake2b(BLAKE, WHEEL, false));
        assertThat(path.blake2b()).contains(BLAKE);
        assertThat(path.sha256()).isEmpty();
        assertThat(path.metadata()).isFalse();
        assertThat(path.path()).isEqualTo(PYPI + WHEEL);
    }

    @Test
    void aPathBySha256CarriesThatDigest() {
        var path = FilePath.parse(BY_SHA + "foo-1.0.tar.gz").orElseThrow();
        assertThat(path).isEqualTo(new FilePath.BySha256(new Sha256(SHA), "foo-1.0.tar.gz", false));
        assertThat(path.sha256()).contains(new Sha256(SHA));
        assertThat(path.blake2b()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {PYPI, BY_SHA})
    void metadataStandsBehindWheelsOnly(String folder) {
        var path = FilePath.parse(folder + WHEEL + ".metadata").orElseThrow();
        assertThat(path.metadata()).isTrue();
        assertThat(path.filename()).isEqualTo(WHEEL);
        assertThat(path.path()).isEqualTo(folder + WHEEL + ".metadata");
        assertThat(path.file()).isEqualTo(FilePath.parse(folder + WHEEL).orElseThrow());
        assertThat(FilePath.parse(folder + "foo-1.0.tar.gz.metadata")).isEmpty();
        assertThat(FilePath.parse(folder + WHEEL + ".metadata.metadata")).isEmpty();
        assertThat(FilePath.parse(folder + ".metadata")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "torch-2.0%2Bcu118-cp311-cp311-linux_x86_64.whl, torch-2.0+cu118-cp311-cp311-linux_x86_64.whl",
        "torch-2.0+cu118-cp311-cp311-linux_x86_64.whl, torch-2.0+cu118-cp311-cp311-linux_x86_64.whl",
        "foo-1%212.0.tar.gz, foo-1!2.0.tar.gz",
        "foo-1!2.0.tar.gz, foo-1!2.0.tar.gz",
        "foo-1.0%7Edev.zip, foo-1.0~dev.zip"
    })
    void whatPipQuotesAndOthersDoNotIsTheSameFile(String segment, String filename) {
        var path = FilePath.parse(PYPI + segment).orElseThrow();
        assertThat(path.filename()).isEqualTo(filename);
        assertThat(path.path()).isEqualTo(PYPI + filename);
    }

    @Test
    void anOldNameWithABlankIsPercentEncodedInLinks() {
        var path = FilePath.parse(PYPI + "Foo%20Bar-1.0%20%28x%29.zip").orElseThrow();
        assertThat(path.filename()).isEqualTo("Foo Bar-1.0 (x).zip");
        assertThat(path.path()).isEqualTo(PYPI + "Foo%20Bar-1.0%20%28x%29.zip");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "%2e%2e",
                "%2E%2E",
                "..%2Ffoo.whl",
                "a%2Fb.whl",
                "a%2fb.whl",
                "a%5Cb.whl",
                "a\\b.whl",
                "a/b.whl",
                "a//b.whl",
                "foo%00.whl",
                "foo\u0000.whl",
                "foo%0A.whl",
                "foo\n.whl",
                "foo%0d%0aX-Header:1.whl",
                "foo%7F.whl",
                ".foo.whl",
                ".htaccess",
                "-foo.whl",
                "%2Dfoo.whl",
                "~foo.whl",
                "+foo.whl",
                " foo.whl",
                "%20foo.whl",
                "foo.whl%20",
                "foo.whl.",
                "foo bar.whl",
                "foo%2bbar.whl",
                "foo%66.whl",
                "foo%5Fbar.whl",
                "foo%",
                "foo%4",
                "foo%ZZ.whl",
                "foo%252F.whl",
                "f%C3%B6.whl",
                "f\u00f6.whl",
                "foo.whl?x=1",
                "foo.whl#sha256=0",
                "foo.whl;x",
                "foo:bar.whl",
                "foo*.whl",
                "foo\".whl",
                "foo<b>.whl",
                "foo|bar.whl",
                "foo$HOME.whl",
                "foo`id`.whl",
                "foo&bar.whl",
                "foo'.whl"
            })
    void whatIsNoFileNameIsNoPath(String segment) {
        assertThat(FilePath.parse(PYPI + segment)).isEmpty();
        assertThat(FilePath.parse(BY_SHA + segment)).isEmpty();
        assertThat(FilePath.parse(PYPI + segment + ".metadata")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                WHEEL,
                "/" + PYPI + WHEEL,
                "packages/" + PYPI + WHEEL,
                "AB/ab/abababababababababababababababababababababababababababababab/" + WHEEL,
                "ab/ab/ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB/" + WHEEL,
                "ab/ab/ab/" + WHEEL,
                "ab/ab/" + WHEEL,
                "a/bab/abababababababababababababababababababababababababababababab/" + WHEEL,
                "ag/ab/abababababababababababababababababababababababababababababab/" + WHEEL,
                "../ab/abababababababababababababababababababababababababababababab/" + WHEEL,
                "%61b/ab/abababababababababababababababababababababababababababababab/" + WHEEL,
                "ab/ab/abababababababababababababababababababababababababababababab//" + WHEEL,
                "ab/ab/./abababababababababababababababababababababababababababababab/" + WHEEL,
                "sha256/" + WHEEL,
                "sha256/0123/" + WHEEL,
                "SHA256/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/" + WHEEL,
                "sha512/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/" + WHEEL,
                "sha256/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef/" + WHEEL,
                "sha256%2F0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/" + WHEEL,
                "source/r/requests/requests-2.0.tar.gz"
            })
    void onlyTheTwoFormsArePaths(String path) {
        assertThat(FilePath.parse(path)).isEmpty();
    }

    @Test
    void aFileNameHas255CharactersAtMost() {
        String longest = "a".repeat(251) + ".zip";
        assertThat(FilePath.parse(PYPI + longest)).isPresent();
        assertThat(FilePath.parse(PYPI + "a" + longest)).isEmpty();
        assertThat(FilePath.parse(PYPI + "a" + "%2B".repeat(254))).isPresent();
        assertThat(FilePath.parse(PYPI + "a" + "%2B".repeat(255))).isEmpty();
        assertThat(FilePath.parse(PYPI + "a".repeat(1_000_000))).isEmpty();
    }

    @Test
    void aPathCannotBeMadeOfWhatIsNone() {
        assertThatThrownBy(() -> new FilePath.ByBlake2b("ab", WHEEL, false))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FilePath.ByBlake2b(BLAKE, "../x", false))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FilePath.BySha256(new Sha256(SHA), "foo-1.0.zip", true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLocationsOwnPathIsKept() {
        assertThat(path("https://files.example/packages/" + PYPI + WHEEL, WHEEL, Map.of("sha256", SHA)))
                .contains(PYPI + WHEEL);
        assertThat(path("http://mirror.example/pypifiles/packages/" + PYPI + WHEEL, WHEEL, Map.of()))
                .contains(PYPI + WHEEL);
    }

    @Test
    void withoutPypisPathTheSha256DigestIsTheAddress() {
        assertThat(path("https://files.example/simple/foo/" + WHEEL, WHEEL, Map.of("sha256", SHA)))
                .contains(BY_SHA + WHEEL);
        // a path that names another file is not this file's
        assertThat(path("https://files.example/packages/" + PYPI + "bar-1.zip", WHEEL, Map.of("sha256", SHA)))
                .contains(BY_SHA + WHEEL);
        assertThat(path("https://files.example/packages/" + PYPI + WHEEL + ".metadata", WHEEL, Map.of("sha256", SHA)))
                .contains(BY_SHA + WHEEL);
    }

    @Test
    void thePagesDigestGoesOverTheOneInTheLocation() {
        String other = "f".repeat(64);
        String location = "https://files.example/packages/sha256/" + other + "/" + WHEEL;
        assertThat(path(location, WHEEL, Map.of("sha256", SHA))).contains(BY_SHA + WHEEL);
        assertThat(path(location, WHEEL, Map.of())).contains("sha256/" + other + "/" + WHEEL);
    }

    @Test
    void aFileWithoutADigestHasNoPath() {
        assertThat(path("https://files.example/simple/foo/" + WHEEL, WHEEL, Map.of()))
                .isEmpty();
        assertThat(path("https://files.example/simple/foo/" + WHEEL, WHEEL, Map.of("md5", "00")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "foo_bar-1.0-py3-none-any.whl, foo-bar",
        "Foo.Bar-1.0-1-cp311-abi3-manylinux_2_17_x86_64.whl, foo-bar",
        "foo-1.0.tar.gz, foo",
        "foo-bar-1.0.tar.gz, foo-bar foo",
        "foo-bar-1.0-2.zip, foo-bar-1-0 foo-bar foo",
        "foo-2-bar-1.0.tar.gz, foo-2-bar foo foo-2",
        "foo-bar-baz.tar.gz, foo-bar foo",
        "foo-v1.0.tgz, foo",
        "foo-1.0-py2.7.egg, foo foo-1-0",
        "foo-1.0.win32-py2.7.exe, foo foo-1-0-win32",
        "foo_bar-1.0-variants.json, foo-bar",
        "foo.zip, foo",
        "foo-1.0+local-1.tar.gz, foo"
    })
    void theNameOfAFileTellsWhoseItCanBe(String filename, String projects) {
        assertThat(FilePath.parse(PYPI + filename).orElseThrow().projects().stream()
                        .map(ProjectName::normal)
                        .toList())
                .isEqualTo(List.of(projects.split(" ")));
    }

    @Test
    void aNameOfDashesAsksForNoMoreThanEightProjects() {
        assertThat(FilePath.parse(PYPI + "a" + "-a".repeat(100) + ".tar.gz")
                        .orElseThrow()
                        .projects())
                .hasSize(8);
        assertThat(FilePath.parse(PYPI + "a" + "-1".repeat(100) + ".tar.gz")
                        .orElseThrow()
                        .projects())
                .hasSize(8);
    }

    @Test
    void parsingAGeneratedPathGivesItBack() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(740);
        for (int round = 0; round < 20_000; round++) {
            FilePath path = path(random);
            assertThat(FilePath.parse(path.path())).contains(path);
        }
    }

    @Test
    void everySegmentThatIsTakenIsANameAndHasOneSpellingInLinks() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(503);
        String[] pieces = {
            "a",
            "Z",
            "9",
            ".",
            "-",
            "_",
            "+",
            "!",
            "~",
            "%",
            "%2B",
            "%2F",
            "%2E",
            "%00",
            "%20",
            " ",
            "/",
            "\\",
            "@",
            "%40",
            "..",
            ".whl",
            ".metadata",
            ".tar.gz",
            "\u0000",
            "\u00e9",
            "%C3%A9",
            "?",
            "#",
            "2",
            "F",
            ":",
            "&",
            "<"
        };
        int taken = 0;
        for (int round = 0; round < 200_000; round++) {
            var segment = new StringBuilder();
            for (int i = random.nextInt(6); i >= 0; i--) {
                segment.append(pieces[random.nextInt(pieces.length)]);
            }
            Optional<FilePath> path = FilePath.parse(PYPI + segment);
            if (path.isPresent()) {
                taken++;
                assertThat(FileName.isValid(path.get().filename())).isTrue();
                assertThat(path.get().filename())
                        .doesNotContain("/", "\\", "\u0000")
                        .doesNotStartWith(".");
                assertThat(FilePath.parse(path.get().path())).isEqualTo(path);
            }
        }
        assertThat(taken).isGreaterThan(5_000);
    }

    private static Optional<String> path(String location, String filename, Map<String, String> hashes) {
        return FilePath.of(ProjectFile.of(filename, Location.of(URI.create(location)), Digests.of(hashes)))
                .map(FilePath::path);
    }

    private static FilePath path(RandomGenerator random) {
        String filename = GeneratedPages.filename(random);
        boolean metadata = filename.endsWith(".whl") && random.nextBoolean();
        String digest = GeneratedPages.hex(random, 64);
        return random.nextBoolean()
                ? new FilePath.ByBlake2b(digest, filename, metadata)
                : new FilePath.BySha256(new Sha256(digest), filename, metadata);
    }
}
