package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ProjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProvenancePathTest {
    @ParameterizedTest
    @CsvSource({
        "sampleproject, sampleproject-4.0.0.tar.gz, sampleproject/4.0.0/sampleproject-4.0.0.tar.gz/provenance",
        "foo-bar, foo_bar-1.0-py3-none-any.whl, foo-bar/1.0/foo_bar-1.0-py3-none-any.whl/provenance",
        "foo-bar, Foo.Bar-1.0rc1.zip, foo-bar/1.0rc1/Foo.Bar-1.0rc1.zip/provenance",
        "torch, torch-2.0+cu118-1-cp311-cp311-linux_x86_64.whl, torch/2.0+cu118/torch-2.0+cu118-1-cp311-cp311-linux_x86_64.whl/provenance"
    })
    void theAddressIsMadeOfProjectVersionAndFile(String project, String filename, String path) {
        var made = ProvenancePath.of(ProjectName.of(project), filename).orElseThrow();
        assertThat(made.path()).isEqualTo(path);
        assertThat(ProvenancePath.parse(path)).contains(made);
    }

    @ParameterizedTest
    @CsvSource({
        "1.0, 1.0",
        "1.0, 1",
        "1.0, 1.0.0",
        "1.0, v1.0",
        "1.0, 01.0",
        "1.0, 0!1.0",
        "1.0a1, 1.0-ALPHA.1",
        "1.0b0, 1.0beta",
        "1.0rc1, 1.0c1",
        "1.0rc1, 1.0_preview_1",
        "1.0.post1, 1.0-1",
        "1.0.post1, 1.0rev1",
        "1.0.dev0, 1.0dev",
        "1.0+ab.1, 1.0+ab-1",
        "1.0+ab.1, 1.0%2Bab_1",
        "2!1.0, 2%211.0"
    })
    void everySpellingOfTheVersionIsTheSameAddress(String inName, String asked) {
        String filename = "foo-" + inName + "-py3-none-any.whl";
        assertThat(ProvenancePath.parse("foo/" + asked + "/" + filename + "/provenance"))
                .as(asked)
                .contains(new ProvenancePath(ProjectName.of("foo"), filename));
    }

    @ParameterizedTest
    @CsvSource({
        "1.0, 1.1",
        "1.0, 1.0a0",
        "1.0a1, 1.0b1",
        "1.0, 1.0.post0",
        "1.0, 1.0.dev0",
        "1.0, 1!1.0",
        "1.0, 1.0+a",
        "1.0.post1, 1.0.dev1",
        "10, 1",
        "1.0, x",
        "1.0, ''"
    })
    void anotherVersionIsNoAddress(String inName, String asked) {
        assertThat(ProvenancePath.parse("foo/" + asked + "/foo-" + inName + "-py3-none-any.whl/provenance"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "foo/1.0/foo-1.0.tar.gz",
                "foo/1.0/foo-1.0.tar.gz/provenance/",
                "foo/1.0/foo-1.0.tar.gz/provenance?x",
                "foo/1.0/x/foo-1.0.tar.gz/provenance",
                "bar/1.0/foo-1.0.tar.gz/provenance",
                "foo/1.0/unrelated-1.0.tar.gz/provenance",
                "foo-/1.0/foo-1.0.tar.gz/provenance",
                "f%6Fo/1.0/foo-1.0.tar.gz/provenance",
                "foo/../foo-1.0.tar.gz/provenance",
                "foo/1.0/..%2Ffoo-1.0.tar.gz/provenance",
                "foo/1%2E0/foo-1.0.tar.gz/provenance",
                "foo/1.0/foo-1.0.exe/provenance",
                "foo/1.0/foo-1.0/provenance"
            })
    void whatIsOutsideTheGrammarIsNoAddress(String path) {
        assertThat(ProvenancePath.parse(path)).isEmpty();
    }

    @Test
    void namesThatAreTooLongTogetherHaveNone() {
        var project = ProjectName.of("a".repeat(120));
        assertThat(ProvenancePath.of(project, "a".repeat(120) + "-1.tar.gz")).isPresent();
        assertThat(ProvenancePath.of(project, "a".repeat(120) + "-1.0.tar.gz")).isEmpty();
    }
}
