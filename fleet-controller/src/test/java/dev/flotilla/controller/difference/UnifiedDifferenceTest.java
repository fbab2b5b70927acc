package dev.flotilla.controller.difference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnifiedDifferenceTest {
    private static final Pattern HUNK = Pattern.compile("@@ -(\\d+),(\\d+) \\+(\\d+),(\\d+) @@");

    @Test
    void equalTextsHaveNone() {
        assertThat(UnifiedDifference.of("a\nb\n", "a\nb\n")).isEmpty();
        assertThat(UnifiedDifference.of("", "")).isEmpty();
    }

    @Test
    void changesComeWithTheLinesAroundThem() {
        assertThat(UnifiedDifference.of("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"))
                .containsExactly("@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8");
        assertThat(UnifiedDifference.of("", "new\n")).containsExactly("@@ -0,0 +1,1 @@", "+new");
    }

    @Test
    void whoeverAppliesItMakesTheOneTextOfTheOther() {
        var random = new Random(20261122);
        for (int i = 0; i < 2_000; i++) {
            String before = text(random, random.nextInt(40));
            String after = random.nextBoolean() ? text(random, random.nextInt(40)) : edited(random, before);
            assertThat(applied(before, UnifiedDifference.of(before, after))).isEqualTo(after);
        }
    }

    private static String text(Random random, int lines) {
        return IntStream.range(0, lines)
                .mapToObj(line -> "line " + random.nextInt(9) + "\n")
                .collect(Collectors.joining());
    }

    private static String edited(Random random, String text) {
        return text.lines()
                .map(line -> random.nextInt(8) == 0 ? random.nextBoolean() ? "" : line + "\nmore\n" : line + "\n")
                .collect(Collectors.joining());
    }

    /** Reads a difference as patch(1) does, strictly: each hunk where it says, each line that it names. */
    private static String applied(String before, List<String> difference) {
        List<String> old = before.lines().toList();
        List<String> fresh = new ArrayList<>();
        int at = 0;
        for (String line : difference) {
            var hunk = HUNK.matcher(line);
            if (hunk.matches()) {
                int start = Integer.parseInt(hunk.group(1)) - (hunk.group(2).equals("0") ? 0 : 1);
                fresh.addAll(old.subList(at, start));
                at = start;
                assertThat(fresh)
                        .hasSize(
                                Integer.parseInt(hunk.group(3)) - (hunk.group(4).equals("0") ? 0 : 1));
                continue;
            }
            if (line.charAt(0) != '+') {
                assertThat(line.substring(1)).isEqualTo(old.get(at++));
            }
            if (line.charAt(0) != '-') {
                fresh.add(line.substring(1));
            }
        }
        fresh.addAll(old.subList(at, old.size()));
        return fresh.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    @Test
    void whatIsSecretIsNeverShown() {
        var contents = new Contents(
                "token=\"old\"\nupstream.password : old\nsecret-file=/etc/a\n",
                "token=\"new\"\nupstream.password : new\nsecret-file=/etc/b\n");
        assertThat(contents.difference())
                .containsExactly(
                        "@@ -1,3 +1,3 @@",
                        " token=(hidden)",
                        " upstream.password : (hidden)",
                        "-secret-file=/etc/a",
                        "+secret-file=/etc/b");
        assertThat(new Contents("token=a\n", "token=b\n").difference())
                .containsExactly("(only what is hidden, or how lines end)");
        assertThat(contents).asString().doesNotContain("old", "new");
        assertThat(new Contents("A=1\nB=2\nC=3\n", "A=1\nB=9\nrest of a secret\nD=4\n").differenceOfVariables())
                .containsExactly(
                        "@@ -1,3 +1,4 @@",
                        " A=(hidden)",
                        "-B=(hidden)",
                        "-C=(hidden)",
                        "+B=(hidden), another one",
                        "+(hidden)",
                        "+D=(hidden)");
    }
}
