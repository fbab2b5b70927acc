package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileVersionsTest {
    private static ProjectPage page(String versions, String... filenames) {
        return ProjectPage.of(
                ProjectName.of("foo.bar"),
                Arrays.stream(filenames)
                        .map(name -> ProjectFile.of(
                                name, Location.of(URI.create("https://files.example/" + name)), Digests.none()))
                        .toList(),
                versions.isEmpty() ? List.of() : List.of(versions.split(" ")));
    }

    private static List<String> without(ProjectPage page, String hidden) {
        return page.withFiles(page.files().stream()
                        .filter(file -> !file.filename().equals(hidden))
                        .toList())
                .versions();
    }

    @Test
    void aVersionLeavesTheListWithItsLastFileAndOneWithoutFilesStays() {
        var page = page(
                "0.9 1.0 2.0", "foo_bar-1.0.tar.gz", "foo_bar-2.0-py3-none-any.whl", "foo_bar-1.0-py3-none-any.whl");
        assertThat(without(page, "foo_bar-2.0-py3-none-any.whl")).containsExactly("0.9", "1.0");
        assertThat(without(page, "foo_bar-1.0.tar.gz")).containsExactly("0.9", "1.0", "2.0");
        assertThat(page.withFiles(List.of()).versions()).containsExactly("0.9");
        assertThat(page.withFiles(page.files())).isEqualTo(page);
    }

    @ParameterizedTest
    @CsvSource({
        "1.0.0, foo.bar-1.0.tar.gz",
        "1.0, foo-bar-1.0.0.zip",
        "1.0-beta2, foo_bar-1.0b2-py3-none-any.whl",
        "1.0.post3, foo_bar-1.0-3.tar.gz",
        "1.0+cpu.2, foo_bar-1.0+cpu.2-cp312-cp312-linux_x86_64.whl",
        "1.0+cpu.2, foo_bar-1.0_cpu.2-cp27-none-linux_x86_64.whl",
        "1.0, foo_bar-1.0-1-py3-none-any.whl",
        "2.7, foo.bar-2.7.win32-py2.7.exe",
        "1.0, foo_bar-1.0-py2.7.egg",
        "2004d, foo-bar-2004d.tar.gz",
        "1!2.0, foo_bar-1!2.0.tar.gz",
        "v01.02, foo_bar-1.2.tar.gz",
        "1.0, foo_bar-1.0-variants.json"
    })
    void everySpellingOfAVersionInAFileNameIsKnown(String version, String filename) {
        var page = page(version + " 9.9", filename, "foo_bar-9.9.tar.gz");
        assertThat(without(page, filename)).containsExactly("9.9");
    }

    @Test
    void aLongerVersionIsNotTakenForAShorterOne() {
        var page = page("1.0 1.0.1 1.0.post1", "foo_bar-1.0.1.tar.gz", "foo_bar-1.0.tar.gz", "foo_bar-1.0.post1.zip");
        assertThat(without(page, "foo_bar-1.0.1.tar.gz")).containsExactly("1.0", "1.0.post1");
        assertThat(without(page, "foo_bar-1.0.tar.gz")).containsExactly("1.0.1", "1.0.post1");
    }

    /** PEP 700: all of the files MUST be associated with one of the versions. */
    @Test
    void whereAShownFileFitsNoVersionTheListStaysWhole() {
        var page = page("1.0 2.0", "foo_bar-1.0.tar.gz", "foo_bar-2.0.tar.gz", "odd.zip");
        assertThat(without(page, "foo_bar-2.0.tar.gz")).containsExactly("1.0", "2.0");
        assertThat(without(page("", "foo_bar-1.0.tar.gz"), "foo_bar-1.0.tar.gz"))
                .isEmpty();
    }
}
