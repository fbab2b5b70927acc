package dev.flotilla.controller.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostLinesTest {
    private final StringWriter written = new StringWriter();

    private HostLines lines(int columns) {
        return new HostLines(new PrintWriter(written), Optional.of(columns));
    }

    /** What a terminal shows that keeps to ECMA-48 as far as it is used here, all that has scrolled up included. */
    private List<String> screen() {
        List<StringBuilder> rows = new ArrayList<>(List.of(new StringBuilder()));
        int row = 0;
        String text = written.toString();
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter == '\n') {
                row++;
                if (row == rows.size()) {
                    rows.add(new StringBuilder());
                }
            } else if (letter == '\u001b') {
                int end = i + 2;
                while (Character.isDigit(text.charAt(end))) {
                    end++;
                }
                if (text.charAt(end) == 'A') {
                    row -= Integer.parseInt(text.substring(i + 2, end));
                    assertThat(row).isNotNegative();
                } else {
                    assertThat(text.charAt(end)).isEqualTo('J');
                    rows.subList(row + 1, rows.size()).clear();
                    rows.get(row).setLength(0);
                }
                i = end;
            } else if (letter != '\r') {
                rows.get(row).append(letter);
            }
        }
        return rows.stream()
                .map(StringBuilder::toString)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    @Test
    void aHostHasOneLineThatIsRewrittenAndAllElseGoesAbove() {
        try (var lines = lines(80)) {
            lines.say("  release 1 is published");
            lines.say("  west/west-1: the archive was brought");
            lines.say("  east/east-1: the archive was brought");
            lines.say("  east/east-1:   make 1 the current one");
            assertThat(screen())
                    .containsExactly(
                            "  release 1 is published",
                            "  east/east-1: make 1 the current one",
                            "  west/west-1: the archive was brought");
            lines.say("  DNS is changed");
            lines.say("  west/west-1: serves");
        }
        assertThat(screen())
                .containsExactly(
                        "  release 1 is published",
                        "  DNS is changed",
                        "  east/east-1: make 1 the current one",
                        "  west/west-1: serves");
    }

    @Test
    void aLongLineIsCutWhileItIsRewrittenAndWholeInTheEnd() {
        String problem = "FAILED, " + "x".repeat(100);
        try (var lines = lines(40)) {
            lines.say("east/east-1: " + problem);
            assertThat(screen()).singleElement().asString().hasSize(39).endsWith("x…");
        }
        assertThat(screen()).containsExactly("  east/east-1: " + problem);
    }

    @Test
    void ofManyHostsThoseWhereNothingHappensLeaveForTheRestOfTheScreen() {
        try (var lines = lines(80)) {
            for (int i = 10; i < 60; i++) {
                lines.say("east/east-" + i + ": begins");
            }
            assertThat(written.toString()).contains("\u001b[12A").doesNotContain("\u001b[13A");
            lines.say("east/east-10: serves");
        }
        assertThat(screen()).hasSize(51).endsWith("  east/east-59: begins").contains("  east/east-10: serves");
    }

    @Test
    void whereThereIsNoTerminalEveryLineStaysAsItIs() {
        try (var lines = new HostLines(new PrintWriter(written), Optional.empty())) {
            lines.say("  east/east-1: begins");
            lines.say("  east/east-1: serves");
        }
        assertThat(written.toString().lines()).containsExactly("  east/east-1: begins", "  east/east-1: serves");
    }
}
