package dev.flotilla.controller.command;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.drill.DrillHistory;
import dev.flotilla.controller.drill.DrillSummary;
import dev.flotilla.controller.probe.Surroundings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flotilla drill history}: what drills have shown so far. */
@Command(
        name = "history",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows what drills have shown so far.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it stands in the output", "1:it can't be read, or not all of it", "2:wrong usage"})
public final class DrillHistoryCommand extends DrillingVerb implements Callable<Integer> {
    @Option(
            names = "--last",
            paramLabel = "N",
            defaultValue = "50",
            description = "Only so many, the newest; default: ${DEFAULT-VALUE}.")
    private int last = 50;

    public DrillHistoryCommand(Workplace workplace, Surroundings.OfLocalFleet localFleet, Path usualState) {
        super(workplace, localFleet, usualState);
    }

    @Override
    public Integer call() throws IOException {
        try (Surroundings fleet = open()) {
            DrillHistory.Reading reading = new DrillHistory(fleet.sources().bucket()).read(Math.max(0, last));
            if (isJson()) {
                out().println(JsonWriter.text(new Json.Sequence(reading.drills().stream()
                        .<Json>map(DrillSummary::toJson)
                        .toList())));
            } else if (reading.drills().isEmpty()) {
                tell("There was no drill yet.");
            } else {
                tell(
                        "BEGUN                 REGION        MODE         OBJECTIVE      DETECT      MOVE      BACK       GAP  RETRIED  FAILED");
                reading.drills().forEach(drill -> tell(line(drill)));
            }
            reading.faults().forEach(fault -> tell("! " + fault));
            return reading.faults().isEmpty() ? 0 : CommandFailure.FAILED;
        }
    }

    private static String line(DrillSummary drill) {
        return String.format(
                Locale.ROOT,
                "%-20s  %-12s  %-11s  %-9s  %10s%10s%10s%10s  %7d  %6d",
                drill.begun().toString().replaceFirst("\\.[0-9]+", ""),
                drill.region(),
                drill.mode(),
                drill.isMet() ? "met" : "missed",
                seconds(drill.detected()),
                seconds(drill.moved()),
                seconds(drill.back()),
                seconds(Optional.of(drill.gap())),
                drill.retried(),
                drill.failed());
    }

    private static String seconds(Optional<Duration> time) {
        return time.map(known -> String.format(Locale.ROOT, "%.1f s", known.toMillis() / 1000.0))
                .orElse("never");
    }
}
