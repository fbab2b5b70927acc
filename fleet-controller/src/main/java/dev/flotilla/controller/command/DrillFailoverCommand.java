package dev.flotilla.controller.command;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.drill.DrillHistory;
import dev.flotilla.controller.drill.DrillMode;
import dev.flotilla.controller.drill.DrillPage;
import dev.flotilla.controller.drill.DrillReport;
import dev.flotilla.controller.drill.DrillSubject;
import dev.flotilla.controller.drill.DrillSummary;
import dev.flotilla.controller.drill.DrillTerms;
import dev.flotilla.controller.drill.Drills;
import dev.flotilla.controller.drill.MirrorKiller;
import dev.flotilla.controller.drill.Preconditions;
import dev.flotilla.controller.fabric.Fabrics;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.lock.Holding;
import dev.flotilla.controller.probe.Surroundings;
import dev.flotilla.controller.status.FleetStatus;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code flotilla drill failover}: one drill, from its preconditions to its report. */
@Command(
        name = "failover",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Takes a region out, watches as clients would, brings it back, and reports.",
        description = {
            "",
            "Refuses where the fleet isn't well or nothing would take over. Watches the zone's servers, a resolver with a cache, pages"
                    + " and files by the global name and by the region's own, and a real pip, each at a steady rate. Brings the region"
                    + " back at the end, also after Ctrl-C.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla drill failover east",
            "  flotilla drill failover east --mode health-fail --budget 5m --resolver 192.0.2.53",
            "  flotilla drill failover east --mode kill --state DIR --yes        of a local fleet",
            "  flotilla drill failover east --yes --json --report /var/www/drills",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the objective is met",
            "1:there was no drill, or the region is not brought back; the message says why and what to do",
            "2:wrong usage",
            "3:the objective is missed, or the drill was broken off; the region is brought back",
            "4:another controller changes the fleet now"
        })
public final class DrillFailoverCommand extends DrillingVerb implements Callable<Integer> {
    private static final int MISSED = 3;
    private static final int TREND = 100;

    /** Nodes have to see the end of a drain and say so, and checks have to agree. */
    private static final Duration RECOVERY = Duration.ofMinutes(3);

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /** A drill that is told to end brings the region back first, and tries for two minutes. */
    private static final Duration ENDING = Duration.ofMinutes(3);

    private final Function<String, Optional<String>> terminal;
    private final Function<Path, MirrorKiller> localKiller;

    @Parameters(paramLabel = "REGION", description = "The region to take out.")
    private @Nullable String region;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "drain",
            converter = Mode.class,
            description =
                    "drain: a signed intent. health-fail: its health checks are forced down. kill: its mirrors are killed, of a"
                            + " local fleet or one with drills-may-kill. Default: ${DEFAULT-VALUE}.")
    private DrillMode mode = DrillMode.DRAIN;

    @Option(
            names = "--budget",
            paramLabel = "DURATION",
            defaultValue = "5m",
            converter = WrittenDuration.class,
            description = "Bring it back after this time, whatever has come of it; default: ${DEFAULT-VALUE}.")
    private Duration budget = Duration.ofMinutes(5);

    @Option(
            names = "--objective",
            paramLabel = "DURATION",
            converter = WrittenDuration.class,
            description =
                    "All clients have to be led elsewhere within this time. Default: interval x threshold + ttl, as the plan says.")
    private @Nullable Duration objective;

    @Option(
            names = "--every",
            paramLabel = "DURATION",
            defaultValue = "500ms",
            converter = WrittenDuration.class,
            description = "Time between two requests of each vantage point; default: ${DEFAULT-VALUE}.")
    private Duration every = Duration.ofMillis(500);

    @Option(
            names = "--baseline",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = WrittenDuration.class,
            description = "Watch for so long before anything is done; default: ${DEFAULT-VALUE}.")
    private Duration baseline = Duration.ofSeconds(10);

    @Option(
            names = "--hold",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = WrittenDuration.class,
            description = "Watch on for so long once all have moved, and once all are back; default: ${DEFAULT-VALUE}.")
    private Duration hold = Duration.ofSeconds(10);

    @Mixin
    private DrillClients clients = new DrillClients();

    @Option(
            names = "--report",
            paramLabel = "FOLDER",
            defaultValue = ".",
            description = "Where the report goes, as HTML and as JSON; default: here.")
    private Path reports = Path.of(".");

    @Option(names = "--yes", description = "Don't ask.")
    private boolean yes;

    static final class Mode implements ITypeConverter<DrillMode> {
        @Override
        public DrillMode convert(String text) {
            try {
                return DrillMode.parse(text);
            } catch (IllegalArgumentException none) {
                throw new TypeConversionException(none.getMessage());
            }
        }
    }

    /**
     * The verb, ready to run.
     *
     * @param usualState the state folder of a local fleet that was started without naming one
     * @param localKiller kills mirrors of the local fleet with that state folder
     * @param terminal asks whoever sits there; no answer where nobody does
     */
    public DrillFailoverCommand(
            Workplace workplace,
            Surroundings.OfLocalFleet localFleet,
            Path usualState,
            Function<Path, MirrorKiller> localKiller,
            Function<String, Optional<String>> terminal) {
        super(workplace, localFleet, usualState);
        this.localKiller = localKiller;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isDirectory(reports)) {
            throw usage("--report: there is no folder " + reports);
        }
        try (var signals = Signals.listen(ENDING);
                Surroundings fleet = open()) {
            signals.exitCode(CommandFailure.FAILED);
            int code = drill(fleet);
            signals.exitCode(code);
            return code;
        } catch (InterruptedException ended) {
            throw new CommandFailure("nothing was touched: it was told to end before it began", ended);
        }
    }

    private int drill(Surroundings surroundings) throws IOException, InterruptedException {
        FleetConfiguration fleet = surroundings.sources().fleet();
        Region subject = region(fleet);
        DrillTerms terms = terms(fleet);
        try (Fabrics fabrics = fabrics(surroundings, subject)) {
            Optional<MirrorKiller> killer = killer(surroundings, fabrics);
            try (Holding lock = lock(surroundings)) {
                Drills drills = drills(surroundings, lock);
                Optional<String> undone = restore(drills);
                undone.ifPresent(what -> step("first: " + what));
                checkWell(surroundings, subject, undone.isPresent() ? RECOVERY : Duration.ZERO);
                List<String> notes = new ArrayList<>();
                DrillSubject what = clients.subject(surroundings, subject, workplace(), notes);
                notes.forEach(this::step);
                show(terms, what);
                return switch (drills.run(what, terms, killer, notes)) {
                    case Drills.Outcome.NotBegun notBegun ->
                        throw new CommandFailure("nothing was touched: " + notBegun.reason());
                    case Drills.Outcome.Drilled drilled -> ended(surroundings, drilled.report());
                };
            }
        }
    }

    private Region region(FleetConfiguration fleet) {
        return fleet.regions().stream()
                .filter(one -> one.name().value().equals(Objects.requireNonNull(region)))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("fleet.conf has no region " + region + ": there are "
                        + fleet.regions().stream()
                                .map(Region::name)
                                .map(RegionName::toString)
                                .collect(Collectors.joining(", "))));
    }

    private DrillTerms terms(FleetConfiguration fleet) {
        var dns = fleet.dns()
                .orElseThrow(() -> new CommandFailure(fleet.file() + " has no dns { … }: without names nothing moves"));
        try {
            return new DrillTerms(
                    mode, budget, every, baseline, hold, objective == null ? DrillTerms.worstCase(dns) : objective);
        } catch (IllegalArgumentException wrong) {
            throw usage(String.valueOf(wrong.getMessage()));
        }
    }

    /** The ways to machines, where this drill needs any. */
    private @Nullable Fabrics fabrics(Surroundings surroundings, Region subject) throws IOException {
        if (mode != DrillMode.KILL || surroundings.local().isPresent()) {
            return null;
        }
        FleetConfiguration fleet = surroundings.sources().fleet();
        if (!fleet.drillsMayKill()) {
            throw new CommandFailure(
                    "nothing was touched: mirrors are killed only in a local fleet, or in one whose"
                            + " fleet.conf says drills-may-kill = true. --mode health-fail moves names without touching a node");
        }
        return Ways.to(subject.nodes(), fleet, workplace().environment());
    }

    private Optional<MirrorKiller> killer(Surroundings surroundings, @Nullable Fabrics fabrics) {
        return mode == DrillMode.KILL
                ? Optional.of(
                        fabrics == null
                                ? localKiller.apply(surroundings.local().orElseThrow())
                                : new MachineMirrorKiller(fabrics))
                : Optional.empty();
    }

    /** {@code patience} is for a fleet that is about to be well: what a drill had left was just undone. */
    private void checkWell(Surroundings surroundings, Region subject, Duration patience) throws InterruptedException {
        step("looking whether the fleet is well");
        long begun = System.nanoTime();
        var status = new FleetStatus(surroundings.sources(), workplace().clock(), FleetStatus.Limits.USUAL);
        while (true) {
            List<String> lacking = Preconditions.lacking(surroundings.sources().fleet(), subject, status.gather());
            if (lacking.isEmpty()) {
                return;
            }
            if (System.nanoTime() - begun >= patience.toNanos()) {
                throw new CommandFailure("nothing was touched: a drill begins only in a fleet that is well.\n  "
                        + String.join("\n  ", lacking) + "\nSee flotilla status and flotilla doctor");
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private void show(DrillTerms terms, DrillSubject what) {
        tell("Region " + region + " is taken out by " + mode + ": " + mode.told() + ".");
        tell("  all clients have to be led elsewhere within "
                + terms.objective().toMillis() / 1000.0 + " s; it is brought back after "
                + terms.budget().toSeconds() + " s at the latest");
        tell("  watched: " + what.described());
        if (yes) {
            return;
        }
        String answer = terminal.apply("Do this? Only 'yes' counts: ")
                .orElseThrow(() -> new CommandFailure("nothing was touched: nobody can be asked here. Say --yes"));
        if (!answer.strip().equals("yes")) {
            throw new CommandFailure("nothing was touched, as you wish");
        }
    }

    private int ended(Surroundings surroundings, DrillReport report) throws IOException {
        DrillSummary summary = report.summary();
        var history = new DrillHistory(surroundings.sources().bucket());
        List<DrillSummary> earlier = List.of();
        try {
            earlier = history.read(TREND).drills();
            history.add(summary);
        } catch (IOException unwritten) {
            step("the history can't be kept: " + unwritten.getMessage());
        }
        Path page = reports.resolve("drill-" + summary.id() + ".html");
        write(reports.resolve("drill-" + summary.id() + ".json"), JsonWriter.bytes(report.toJson()));
        write(page, DrillPage.of(report, earlier).getBytes(StandardCharsets.UTF_8));
        if (isJson()) {
            out().println(JsonWriter.text(summary.toJson().with("report", page.toString())));
        }
        summary.lines().forEach(this::step);
        summary.reasons().forEach(reason -> step("! " + reason));
        tell((summary.isMet() ? "The objective is met." : "The objective is missed.") + " Report: " + page);
        if (!report.isRestored()) {
            return CommandFailure.FAILED;
        }
        return summary.isMet() ? 0 : MISSED;
    }

    /** Nothing in it is secret, and others may be shown it by a web server. */
    private static void write(Path file, byte[] content) throws IOException {
        Disk.replace(file.toAbsolutePath(), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec().commandLine(), message);
    }
}
