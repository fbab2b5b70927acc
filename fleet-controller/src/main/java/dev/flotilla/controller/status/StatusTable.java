package dev.flotilla.controller.status;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.dns.Zone.HealthState;
import dev.flotilla.controller.status.FleetView.NameView;
import dev.flotilla.controller.status.FleetView.NodeView;
import dev.flotilla.controller.status.FleetView.Readiness;
import dev.flotilla.controller.status.FleetView.ReleaseView;
import dev.flotilla.controller.status.FleetView.ReportView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A fleet's status for people: aligned columns, then what is wanted of nodes, then whatever is wrong. */
public final class StatusTable {
    private static final String GAP = "  ";
    private static final String NONE = "-";

    private final boolean colours;

    /** What a cell's text means. */
    private enum Tone {
        PLAIN(""),
        HEAD("1"),
        GOOD("32"),
        BAD("31"),
        FAINT("2");

        private final String code;

        Tone(String code) {
            this.code = code;
        }
    }

    private record Cell(String text, Tone tone) {
        static Cell plain(String text) {
            return new Cell(text, Tone.PLAIN);
        }
    }

    public StatusTable(boolean colours) {
        this.colours = colours;
    }

    /** The whole text; every line ends. */
    public String text(FleetView view) {
        var out = new StringBuilder();
        out.append(shown(new Cell("Fleet " + view.fleet(), Tone.HEAD)))
                .append(", ")
                .append(release(view))
                .append("\n\n");
        List<List<Cell>> nodes = new ArrayList<>();
        nodes.add(head("REGION", "NODE", "ADDRESS", "MIRROR", "RELEASE", "CHECK", "PROCESSES", "REPORTED"));
        view.nodes().forEach(node -> nodes.add(row(node, view.asked())));
        table(nodes, out);
        if (!view.names().isEmpty()) {
            out.append('\n');
            List<List<Cell>> names = new ArrayList<>();
            names.add(head("NAME", "ANSWERS"));
            Map<String, String> nodesByAddress = view.nodes().stream()
                    .collect(Collectors.toMap(
                            node -> node.node().address().toString(),
                            node -> node.node().id().node().value(),
                            (one, other) -> one));
            view.names().forEach(name -> names.add(row(name, nodesByAddress)));
            table(names, out);
        }
        List<String> wishes = StatusWishes.of(view);
        if (!wishes.isEmpty()) {
            out.append('\n');
            wishes.forEach(wish ->
                    out.append(shown(new Cell("* ", Tone.FAINT))).append(wish).append('\n'));
        }
        List<String> problems = StatusProblems.of(view);
        if (!problems.isEmpty()) {
            out.append('\n');
            problems.forEach(problem ->
                    out.append(shown(new Cell("! ", Tone.BAD))).append(problem).append('\n'));
        }
        return out.toString();
    }

    private static String release(FleetView view) {
        return switch (view.release()) {
            case ReleaseView.Published published ->
                "release " + published.version() + ", which holds for "
                        + Ages.text(Duration.between(view.asked(), published.expires()))
                        + published.warning().map(text -> "; " + text).orElse("");
            case ReleaseView.Unknown ignored -> "release unknown";
        };
    }

    private static List<Cell> row(NodeView view, Instant now) {
        var id = view.node().id();
        List<Cell> row = new ArrayList<>(List.of(
                Cell.plain(id.region().value()),
                Cell.plain(id.node().value()),
                Cell.plain(view.node().address().inUrl() + ":" + view.node().clientPort()),
                switch (view.readiness()) {
                    case Readiness.Ready ignored -> new Cell("ready", Tone.GOOD);
                    case Readiness.Drained ignored -> Cell.plain("drained");
                    case Readiness.NotReady ignored -> new Cell("not ready", Tone.BAD);
                }));
        if (view.report() instanceof ReportView.Said said) {
            row.add(release(said.report()));
            row.add(check(view));
            row.add(new Cell(processes(said.report()), Tone.FAINT));
            row.add(Cell.plain(Ages.text(Duration.between(said.report().written(), now)) + " ago"));
        } else {
            row.add(Cell.plain(NONE));
            row.add(check(view));
            row.add(Cell.plain(NONE));
            row.add(new Cell("never", Tone.BAD));
        }
        return row;
    }

    private static Cell release(NodeReport report) {
        if (report.release().isEmpty()) {
            return new Cell("none", Tone.BAD);
        }
        NodeReport.Release release = report.release().get();
        String other = report.mirror()
                .filter(mirror -> mirror.release() != release.version())
                .map(mirror -> ", runs " + mirror.release())
                .orElse("");
        boolean good = (release.state() == NodeReport.State.COMMITTED || release.state() == NodeReport.State.SOAKING)
                && report.condition() == NodeReport.Condition.HEALTHY
                && other.isEmpty();
        return new Cell(
                release.version() + " " + StatusJson.word(release.state()) + other, good ? Tone.PLAIN : Tone.BAD);
    }

    private static Cell check(NodeView view) {
        return view.health()
                .map(state -> new Cell(
                        StatusJson.word(state),
                        switch (state) {
                            case HealthState.Healthy ignored -> Tone.GOOD;
                            case HealthState.Unhealthy ignored -> Tone.BAD;
                            case HealthState.Unknown ignored -> Tone.PLAIN;
                        }))
                .orElse(Cell.plain(NONE));
    }

    private static String processes(NodeReport report) {
        return "agent " + report.agent().pid()
                + report.mirror().map(mirror -> ", mirror " + mirror.pid()).orElse(", no mirror");
    }

    private static List<Cell> row(NameView name, Map<String, String> nodesByAddress) {
        String answers = name.addresses().stream()
                .map(address -> address + " (" + nodesByAddress.getOrDefault(address, "no node of this fleet") + ")")
                .collect(Collectors.joining(", "));
        return List.of(
                Cell.plain(name.name().value()),
                name.addresses().isEmpty() ? new Cell("nothing", Tone.BAD) : Cell.plain(answers));
    }

    private static List<Cell> head(String... titles) {
        return List.of(titles).stream()
                .map(title -> new Cell(title, Tone.FAINT))
                .toList();
    }

    private void table(List<List<Cell>> rows, StringBuilder out) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<Cell> row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).text().length());
            }
        }
        for (List<Cell> row : rows) {
            for (int column = 0; column < columns; column++) {
                Cell cell = row.get(column);
                out.append(shown(cell));
                if (column < columns - 1) {
                    out.repeat(' ', widths[column] - cell.text().length()).append(GAP);
                }
            }
            out.append('\n');
        }
    }

    private String shown(Cell cell) {
        return colours && cell.tone() != Tone.PLAIN
                ? "\u001b[" + cell.tone().code + "m" + cell.text() + "\u001b[0m"
                : cell.text();
    }
}
