package dev.flotilla.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that nobody means well, read back by the real parsers. */
class QuotedTest {
    private static final List<String> HOSTILE = List.of(
            "",
            "plain",
            "a b",
            "it's",
            "'; touch /tmp/owned; '",
            "$(id)`id`$HOME${HOME}",
            "\"\"\"'''",
            "back\\slash\\",
            "%(here)s %s %%",
            "# no comment ; nor this",
            "a\nindex-url = http://evil.example/\n",
            "tab\tand\rreturn\u0007bell\u007f",
            "ümläut € \ud83d\ude00 \u2028 \u0085",
            "{{ lookup('pipe', 'id') }} ${{ secrets.TOKEN }}",
            "[section]",
            "= : - ? ! & * |");

    @TempDir
    private Path folder;

    /** All values, each with a zero behind it. */
    private static String expected() {
        return HOSTILE.stream().map(value -> value + "\0").collect(Collectors.joining());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash"})
    void aShellSeesTheVeryText(String shell) throws Exception {
        String script = HOSTILE.stream()
                .map(value -> "printf '%s\\0' " + Quoted.shell(value) + "\n")
                .collect(Collectors.joining());
        Path file = Files.writeString(folder.resolve("script"), script);
        assertThat(Program.said(folder, shell, file.toString())).isEqualTo(expected());
    }

    @Test
    void aTomlParserSeesTheVeryText() throws Exception {
        Path file = Files.writeString(
                folder.resolve("values.toml"),
                IntStream.range(0, HOSTILE.size())
                        .mapToObj(i -> "v" + i + " = " + Quoted.toml(HOSTILE.get(i)) + "\n")
                        .collect(Collectors.joining()));
        assertThat(python("import tomllib; values = tomllib.load(open(sys.argv[1], 'rb')).values()", file))
                .isEqualTo(expected());
    }

    @Test
    void parsersOfJsonAndYamlSeeTheVeryText() throws Exception {
        String list = HOSTILE.stream().map(Quoted::json).collect(Collectors.joining(", ", "[", "]\n"));
        Path file = Files.writeString(folder.resolve("values"), list);
        assertThat(python("import json; values = json.load(open(sys.argv[1]))", file))
                .isEqualTo(expected());
        assertThat(python("import yaml; values = yaml.safe_load(open(sys.argv[1]))", file))
                .isEqualTo(expected());
    }

    @Test
    void whatWouldBeAnotherLineForPipOrGroovyIsRefused() {
        for (String value : List.of("a\nb", "a\rb", "a\u0085b", "a\u2028b", "a\u0000b", "a\u000bb")) {
            assertThatThrownBy(() -> Quoted.pip(value)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Quoted.groovy(value)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Quoted.pip(" a")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Quoted.shell("a\0b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Quoted.toml("\ud83d")).isInstanceOf(IllegalArgumentException.class);
        assertThat(Quoted.groovy("it's $HOME \\")).isEqualTo("'it\\'s $HOME \\\\'");
    }

    /** Debian's own python, which has python3-yaml. */
    private String python(String reading, Path file) throws Exception {
        Path program = Files.writeString(
                folder.resolve("read.py"),
                "import sys\n" + reading + "\nfor value in values: sys.stdout.buffer.write(value.encode() + b'\\0')\n",
                StandardCharsets.UTF_8);
        return Program.said(folder, "/usr/bin/python3", program.toString(), file.toString());
    }
}
