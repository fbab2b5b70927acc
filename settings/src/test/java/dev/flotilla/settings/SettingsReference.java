package dev.flotilla.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The reference of a program's settings, to be held against the code that reads them. For the tests of every program. */
public final class SettingsReference {
    private static final Pattern KEY = Pattern.compile(
            "(?:\\.(?:required|optional|flag|integer|requiredInteger|size|duration|list|section|sections"
                    + "|optionalSection)\\(\\s*|\\(settings, )\"([a-z-]+)\"");

    private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9-]*");

    private final String text;

    private SettingsReference(String text) {
        this.text = text;
    }

    public static SettingsReference of(Path page) throws IOException {
        return new SettingsReference(Files.readString(page));
    }

    /** Fails for keys that the code in these folders and files reads and that don't stand on the page as code. */
    public void hasEveryKeyThatIsReadIn(int atLeast, Path... sources) {
        assertThat(code()).containsAll(keysReadIn(atLeast, sources));
    }

    /** The keys that the code in these folders and files reads, which are more than so many. */
    public static List<String> keysReadIn(int atLeast, Path... sources) {
        List<String> keys = Stream.of(sources)
                .flatMap(SettingsReference::files)
                .flatMap(source -> KEY.matcher(content(source)).results())
                .map(found -> found.group(1))
                .distinct()
                .toList();
        // Else the pattern no longer fits how settings are read, and nothing would be checked.
        assertThat(keys).hasSizeGreaterThan(atLeast);
        return keys;
    }

    /** The words that stand on the page as code: between the first and the second mark of a line, the third and the fourth, … */
    private Set<String> code() {
        Set<String> words = new HashSet<>();
        text.lines().forEach(line -> {
            String[] parts = line.split("`", -1);
            for (int part = 1; part < parts.length; part += 2) {
                WORD.matcher(parts[part]).results().map(MatchResult::group).forEach(words::add);
            }
        });
        return words;
    }

    /** The first block of code on the page. */
    public String example() {
        int begin = text.indexOf("```\n") + 4;
        return text.substring(begin, text.indexOf("```", begin));
    }

    private static Stream<Path> files(Path folderOrFile) {
        if (Files.isRegularFile(folderOrFile)) {
            return Stream.of(folderOrFile);
        }
        try (var files = Files.list(folderOrFile)) {
            return files.toList().stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String content(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
