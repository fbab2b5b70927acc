package dev.flotilla.controller.difference;

import java.util.ArrayList;
import java.util.List;

/**
 * What is different between two texts, line by line, in the unified form of {@code diff -u} (IEEE Std 1003.1, diff) without its two lines of
 * names. Pure.
 */
public final class UnifiedDifference {
    private static final int CONTEXT_LINES = 3;

    /** Of texts that would need a larger table all lines are said to be different. */
    private static final long MOST_CELLS = 4_000_000;

    /** A difference is for people. */
    private static final int MOST_LINES = 400;

    private UnifiedDifference() {}

    /** None where the texts are the same; at most some hundred lines. */
    public static List<String> of(String before, String after) {
        List<Line> lines = lines(before.lines().toList(), after.lines().toList());
        List<String> text = new ArrayList<>();
        int at = 0;
        while (at < lines.size()) {
            if (lines.get(at).sign() == ' ') {
                at++;
                continue;
            }
            int end = endOfHunk(lines, at);
            text.addAll(hunk(lines, Math.max(at - CONTEXT_LINES, 0), Math.min(end + CONTEXT_LINES, lines.size())));
            at = end + CONTEXT_LINES;
        }
        if (text.size() <= MOST_LINES) {
            return text;
        }
        int more = text.size() - MOST_LINES;
        List<String> cut = new ArrayList<>(text.subList(0, MOST_LINES));
        cut.add("… and " + more + " lines more");
        return cut;
    }

    /** One line of either text, or of both. */
    private record Line(char sign, String text) {}

    /** Behind the last change that is so near to the one before that their contexts touch. */
    private static int endOfHunk(List<Line> lines, int begin) {
        int end = begin + 1;
        for (int i = begin; i < lines.size() && i < end + 2 * CONTEXT_LINES; i++) {
            if (lines.get(i).sign() != ' ') {
                end = i + 1;
            }
        }
        return end;
    }

    private static List<String> hunk(List<Line> lines, int from, int to) {
        long beforeStart = 1
                + lines.subList(0, from).stream()
                        .filter(line -> line.sign() != '+')
                        .count();
        long afterStart = 1
                + lines.subList(0, from).stream()
                        .filter(line -> line.sign() != '-')
                        .count();
        List<Line> part = lines.subList(from, to);
        long beforeCount = part.stream().filter(line -> line.sign() != '+').count();
        long afterCount = part.stream().filter(line -> line.sign() != '-').count();
        List<String> text = new ArrayList<>();
        text.add("@@ -" + range(beforeStart, beforeCount) + " +" + range(afterStart, afterCount) + " @@");
        part.forEach(line -> text.add(line.sign() + line.text()));
        return text;
    }

    /** A range of no lines is named by the line before it. */
    private static String range(long start, long count) {
        return (count == 0 ? start - 1 : start) + "," + count;
    }

    private static List<Line> lines(List<String> before, List<String> after) {
        int head = 0;
        while (head < before.size() && head < after.size() && before.get(head).equals(after.get(head))) {
            head++;
        }
        int tail = 0;
        while (tail < before.size() - head
                && tail < after.size() - head
                && before.get(before.size() - 1 - tail).equals(after.get(after.size() - 1 - tail))) {
            tail++;
        }
        List<Line> lines = new ArrayList<>();
        before.subList(0, head).forEach(line -> lines.add(new Line(' ', line)));
        lines.addAll(middle(before.subList(head, before.size() - tail), after.subList(head, after.size() - tail)));
        before.subList(before.size() - tail, before.size()).forEach(line -> lines.add(new Line(' ', line)));
        return lines;
    }

    /** By the longest common subsequence. */
    private static List<Line> middle(List<String> before, List<String> after) {
        List<Line> lines = new ArrayList<>();
        if ((before.size() + 1L) * (after.size() + 1L) > MOST_CELLS) {
            before.forEach(line -> lines.add(new Line('-', line)));
            after.forEach(line -> lines.add(new Line('+', line)));
            return lines;
        }
        int[][] common = new int[before.size() + 1][after.size() + 1];
        for (int i = before.size() - 1; i >= 0; i--) {
            for (int j = after.size() - 1; j >= 0; j--) {
                common[i][j] = before.get(i).equals(after.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        int i = 0;
        int j = 0;
        while (i < before.size() || j < after.size()) {
            if (i < before.size() && j < after.size() && before.get(i).equals(after.get(j))) {
                lines.add(new Line(' ', before.get(i)));
                i++;
                j++;
            } else if (j == after.size() || (i < before.size() && common[i + 1][j] >= common[i][j + 1])) {
                lines.add(new Line('-', before.get(i)));
                i++;
            } else {
                lines.add(new Line('+', after.get(j)));
                j++;
            }
        }
        return lines;
    }
}
