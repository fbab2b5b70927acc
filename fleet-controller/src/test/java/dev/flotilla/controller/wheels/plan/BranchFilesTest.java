package dev.flotilla.controller.wheels.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BranchFilesTest {
    @TempDir
    private Path folder;

    @Test
    void requirementsAreReadAsPipReadsThem() throws IOException {
        write("sub/more.txt", "deep==1\n-c ../limits.txt\n");
        write("limits.txt", "lib<2\n-r other.txt\n");
        write("other.txt", "far!=3\n");
        Branch branch = read("a.txt", """
                # a comment
                a==1  # behind it
                b[x] >= 2 ; python_version \\
                    >= "3.8"
                c===1.2.0 --hash=sha256:0123 \\
                    --hash=sha256:4567
                -r sub/more.txt
                --requirement=sub/more.txt

                --index-url https://example.org/simple
                --pre
                -e ./here
                ./local.tar.gz
                git+https://example.org/x.git
                d @ https://example.org/d.zip
                """);
        assertThat(branch.problems()).isEmpty();
        assertThat(branch.wanted())
                .extracting(String::valueOf)
                .containsExactly("a==1", "b[x]>=2", "c===1.2.0", "deep==1");
        assertThat(branch.wanted().get(1).marker()).isPresent();
        assertThat(branch.constraints()).extracting(String::valueOf).containsExactly("lib<2", "far!=3");
        assertThat(branch.remarks())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("a.txt:10: passed over")
                                .contains("for the fleet's own"),
                        line -> assertThat(line).startsWith("a.txt:11: passed over"),
                        line -> assertThat(line)
                                .startsWith("a.txt:12: passed over")
                                .endsWith("-e ./here"),
                        line -> assertThat(line).startsWith("a.txt:13: passed over"),
                        line -> assertThat(line).startsWith("a.txt:14: passed over"),
                        line -> assertThat(line)
                                .startsWith("a.txt:15: passed over")
                                .contains("address of its own"),
                        line -> assertThat(line).startsWith("a.txt: it locks by hash"));
    }

    @Test
    void everyProblemIsToldAtOnceWithItsLine() throws IOException {
        Files.write(folder.resolve("latin.txt"), "ü".getBytes(StandardCharsets.ISO_8859_1));
        Branch branch = read("a.txt", """
                a=1
                b>=x
                c ; python > '3'
                -r none.txt
                -r latin.txt
                -c https://example.org/c.txt
                --colour
                """);
        assertThat(branch.problems())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("a.txt:1: ").contains("'=1'"),
                        line -> assertThat(line).startsWith("a.txt:2: ").contains("'>=x'"),
                        line -> assertThat(line).startsWith("a.txt:3: ").contains("no marker"),
                        line -> assertThat(line)
                                .startsWith("a.txt:4: there is no file")
                                .endsWith("none.txt"),
                        line -> assertThat(line).startsWith("a.txt:5: ").endsWith("latin.txt is no text in UTF-8"),
                        line -> assertThat(line).startsWith("a.txt:6: ").contains("only files are read"),
                        line -> assertThat(line).startsWith("a.txt:7: ").contains("no option"));
    }

    @Test
    void filesThatDrawEachOtherInAreReadOnce() throws IOException {
        write("b.txt", "-r a.txt\nb");
        assertThat(read("a.txt", "-r b.txt\na").wanted())
                .extracting(String::valueOf)
                .containsExactly("b", "a");
    }

    @Test
    void lockFilesOfThreeToolsAreRead() throws IOException {
        Branch pylock = read("pylock.toml", """
                lock-version = "1.0"
                environments = ["sys_platform == 'linux'"]
                [[packages]]
                name = "a"
                version = "1.0"
                marker = "python_version >= \\"3.9\\""
                index = "https://pypi.org/simple/"
                wheels = [
                  {name = "a-1.0-py3-none-any.whl", url = "x", hashes = {sha256 = "0"}},
                ]
                [[packages]]
                name = "here"
                version = "2"
                [packages.directory]
                path = "."
                [tool.x]
                name = "never"
                """);
        assertThat(pylock.problems()).isEmpty();
        assertThat(pylock.wanted()).extracting(String::valueOf).containsExactly("a===1.0");
        assertThat(pylock.wanted().getFirst().marker()).isPresent();
        assertThat(pylock.remarks())
                .singleElement()
                .asString()
                .startsWith("pylock.toml:11: passed over")
                .endsWith("here");
        Branch uv = read("uv.lock", """
                version = 1
                [[package]]
                name = "b"
                version = "2"
                source = { registry = "https://pypi.org/simple" }
                dependencies = [
                    { name = "c" },
                ]
                [package.optional-dependencies]
                name = "never"
                [[package]]
                name = "own"
                version = "0"
                source = { editable = "." }
                """);
        assertThat(uv.wanted()).extracting(String::valueOf).containsExactly("b===2");
        assertThat(uv.remarks()).hasSize(1);
        Branch poetry = read("poetry.lock", """
                [[package]]
                name = "c"
                version = "3"
                description = "It's \\"quoted\\"."
                optional = false
                markers = "sys_platform == 'linux'"
                [package.dependencies]
                never = ">=1"
                [metadata]
                lock-version = "2.1"
                """);
        assertThat(poetry.wanted()).extracting(String::valueOf).containsExactly("c===3");
    }

    /** Tools fork a lock where machines differ, and not all of them say there for which. */
    @Test
    void whatIsLockedTwiceWithoutSayingForWhichMachinesIsRefused() throws IOException {
        assertThat(read("uv.lock", """
                version = 1
                [[package]]
                name = "b"
                version = "2"
                [[package]]
                name = "B"
                version = "3"
                """).problems()).singleElement().asString().contains("more than once");
    }

    @Test
    void whatIsNoLockFileIsRefused() throws IOException {
        assertThat(read("pyproject.toml", "[project]\nname = \"a\"\n").problems())
                .singleElement()
                .asString()
                .contains("no lock file that is read here");
        assertThat(read("pylock.toml", "[[packages]]\nname = \"\"\"a\"\"\"\n").problems())
                .singleElement()
                .asString()
                .contains("several lines");
    }

    private Branch read(String name, String text) throws IOException {
        Branch branch = BranchFiles.read("main", List.of(write(name, text)));
        return new Branch(
                branch.name(),
                branch.wanted(),
                branch.constraints(),
                plain(branch.problems()),
                plain(branch.remarks()));
    }

    private List<String> plain(List<String> lines) {
        return lines.stream().map(line -> line.replace(folder + "/", "")).toList();
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling("."));
        return Files.writeString(file, text);
    }
}
