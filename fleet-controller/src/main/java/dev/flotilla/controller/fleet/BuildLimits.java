package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;

/**
 * What one build may take.
 *
 * @param time by the clock, all of its steps together
 * @param memory of all its processes together where the machine can count that, else of each
 * @param processes at once
 * @param disk of all that it writes
 * @param output of its log; what comes after that is left out
 */
public record BuildLimits(Duration time, ByteSize memory, int processes, ByteSize disk, ByteSize output) {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final ByteSize LEAST_MEMORY = ByteSize.ofMiB(64);
    private static final ByteSize LEAST_DISK = ByteSize.ofMiB(16);
    private static final int LEAST_PROCESSES = 8;

    static Setting<BuildLimits> read(Settings settings) {
        // The largest of PyPI's C extensions take some ten minutes on one processor.
        var time = settings.duration("time", Duration.ofMinutes(30), SHORTEST, Duration.ofDays(1));
        var memory = settings.size("memory", ByteSize.ofMiB(4096), LEAST_MEMORY);
        // A compiler a processor, and what starts it.
        var processes = settings.integer("processes", 256, LEAST_PROCESSES, 10_000);
        var disk = settings.size("disk", ByteSize.ofMiB(4096), LEAST_DISK);
        var output = settings.size("output", ByteSize.ofMiB(4), ByteSize.ofMiB(1));
        return settings.build(
                () -> new BuildLimits(time.get(), memory.get(), processes.get(), disk.get(), output.get()));
    }
}
