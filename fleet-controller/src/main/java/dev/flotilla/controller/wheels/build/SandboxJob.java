package dev.flotilla.controller.wheels.build;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.fleet.BuildLimits;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * What is to happen in a sandbox.
 *
 * @param python absolute
 * @param pythonRoot the folder in which it is whole, where that isn't one of the system's
 * @param hostname what the sandbox calls itself
 * @param epoch SOURCE_DATE_EPOCH, in seconds since 1970
 * @param sdist to be built; absent where the sandbox is only to be looked at
 * @param wheels that are to be had while it is built
 * @param satisfied the requirements, as written, that these wheels satisfy
 * @param auditwheel where that program is, if it is to be run
 * @param time that it may still take, of the time that its limits allow for all of its steps
 */
record SandboxJob(
        String python,
        Optional<String> pythonRoot,
        String hostname,
        long epoch,
        Optional<BuildFile> sdist,
        List<BuildFile> wheels,
        SequencedSet<String> satisfied,
        Optional<String> auditwheel,
        BuildLimits limits,
        Duration time) {
    /** Where it happens inside: always the same, since paths get into what compilers make. */
    static final String PLACE = "/build";

    SandboxJob {
        wheels = List.copyOf(wheels);
    }

    /** As {@code overseer.py} reads it. */
    JsonObject json(String folder) {
        var bounds = JsonObject.EMPTY
                .with("seconds", Math.max(1, time.toSeconds()))
                .with("memory", limits.memory().bytes())
                .with("processes", limits.processes())
                .with("disk", limits.disk().bytes())
                .with("output", limits.output().bytes());
        return JsonObject.EMPTY
                .with("folder", folder)
                .with("python", python)
                .with("pythonRoot", orNothing(pythonRoot.map(Json.Text::new)))
                .with("place", PLACE)
                .with("hostname", hostname)
                .with("epoch", epoch)
                .with("task", sdist.isPresent() ? "build" : "look")
                .with("inside", new BuildFile(Script.INSIDE.file(), Script.INSIDE.digest()).json())
                .with("sdist", orNothing(sdist.map(BuildFile::json)))
                .with(
                        "wheels",
                        new Json.Sequence(wheels.stream()
                                .map(BuildFile::json)
                                .map(Json.class::cast)
                                .toList()))
                .with("satisfied", texts(satisfied))
                .with("auditwheel", orNothing(auditwheel.map(Json.Text::new)))
                .with("limits", bounds);
    }

    private static Json orNothing(Optional<? extends Json> value) {
        return value.<Json>map(present -> present).orElseGet(Json.Nothing::new);
    }

    private static Json texts(Collection<String> texts) {
        return new Json.Sequence(
                texts.stream().map(text -> (Json) new Json.Text(text)).toList());
    }
}
