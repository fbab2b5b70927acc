package dev.flotilla.controller.command;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shows what happens, host by host. On a terminal each host that something happens on has one line at the bottom, which is rewritten, and
 * all else goes above; elsewhere there is a line for each thing that happens. Safe for many threads.
 */
final class HostLines implements AutoCloseable {
    /** Fewer than any terminal has: a line that has left the screen can't be rewritten. */
    private static final int MOST_LINES = 12;

    private static final Pattern OF_A_HOST = Pattern.compile("\\s*([a-z0-9-]+/[a-z0-9-]+): (.*)");

    private final PrintWriter out;
    private final Optional<Integer> columns;

    /** The lines at the bottom, whatever changed last behind the others. */
    private final Map<String, String> live = new LinkedHashMap<>();

    private int drawn;

    /** @param columns how wide the terminal is; absent where the output goes to none */
    HostLines(PrintWriter out, Optional<Integer> columns) {
        this.out = out;
        this.columns = columns;
    }

    /** A line, which is a host's where it begins with {@code REGION/NODE: }. */
    synchronized void say(String line) {
        if (columns.isEmpty()) {
            out.println(line);
            out.flush();
            return;
        }
        List<String> above = new ArrayList<>();
        Matcher host = OF_A_HOST.matcher(line);
        if (host.matches()) {
            live.remove(host.group(1));
            live.put(host.group(1), host.group(2).strip());
            if (live.size() > MOST_LINES) {
                Map.Entry<String, String> quietest = live.entrySet().iterator().next();
                above.add("  " + quietest.getKey() + ": " + quietest.getValue());
                live.remove(quietest.getKey());
            }
        } else {
            above.add(line);
        }
        redraw(above);
    }

    /** In the order of their names: a line that changes stays where it is. */
    private void redraw(List<String> above) {
        var text = new StringBuilder();
        if (drawn > 0) {
            // ECMA-48: up, and all from there on erased.
            text.append("\u001b[").append(drawn).append("A\r\u001b[J");
        }
        above.forEach(line -> text.append(line).append('\n'));
        live.keySet().stream()
                .sorted()
                .forEach(host ->
                        text.append(cut("  " + host + ": " + live.get(host))).append('\n'));
        drawn = live.size();
        out.print(text);
        out.flush();
    }

    /** A line that wraps would be two, and one of them would stay. */
    private String cut(String line) {
        int most = columns.orElse(Integer.MAX_VALUE) - 1;
        return line.length() <= most ? line : line.substring(0, Math.max(most - 1, 0)) + "…";
    }

    /** Leaves what each host said last, whole. */
    @Override
    public synchronized void close() {
        if (columns.isPresent() && !live.isEmpty()) {
            List<String> last = live.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(host -> "  " + host.getKey() + ": " + host.getValue())
                    .toList();
            live.clear();
            redraw(last);
        }
    }
}
