package dev.flotilla.mirror.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;

/**
 * The threads for what would hold up an event loop.
 *
 * @param shortWork for what blocks for a moment, such as reading a part of a file. 8: several disks' worth of waiting
 * @param longWork for what takes a while: reading, parsing, rendering and compressing pages, synchronising with the disk. 4:
 *     each may take several times its page in heap
 * @param names for asking the system's resolver, which blocks for seconds when it is out of order. 2
 */
public record WorkerSettings(int shortWork, int longWork, int names) {
    static Setting<WorkerSettings> read(Settings settings) {
        var shortWork = settings.integer("short", 8, 1, 256);
        var longWork = settings.integer("long", 4, 1, 256);
        var names = settings.integer("names", 2, 1, 256);
        return settings.build(() -> new WorkerSettings(shortWork.get(), longWork.get(), names.get()));
    }
}
