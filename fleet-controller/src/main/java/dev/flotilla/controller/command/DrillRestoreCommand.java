package dev.flotilla.controller.command;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.probe.Surroundings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code flotilla drill restore}: undoes what a drill has left that was killed. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Undoes what a drill has left that was killed.",
        description = {
            "",
            "Goes by what the drill had written into the bucket. Where there is nothing to undo it changes nothing.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is undone, or there was nothing",
            "1:it can't be undone; the message says why",
            "2:wrong usage",
            "4:another controller changes the fleet now, perhaps the drill itself"
        })
public final class DrillRestoreCommand extends DrillingVerb implements Callable<Integer> {
    public DrillRestoreCommand(Workplace workplace, Surroundings.OfLocalFleet localFleet, Path usualState) {
        super(workplace, localFleet, usualState);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Surroundings fleet = open();
                var lock = lock(fleet)) {
            Optional<String> undone = restore(drills(fleet, lock));
            if (isJson()) {
                out().println(JsonWriter.line(
                        JsonObject.EMPTY.with("undone", undone.isPresent()).with("what", undone.orElse(""))));
            } else {
                tell(undone.map(what -> what + ".").orElse("There is nothing to undo."));
            }
            return 0;
        }
    }
}
