package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.policy.NamePatterns;
import dev.flotilla.mirror.store.StoreLimits;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.NamePattern;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the mirror keeps on disk.
 *
 * @param path the folder, made where it is missing; an absolute path, so that the folder doesn't depend on where the
 *     program was started
 * @param budget how many bytes the files and pages in it may take together
 * @param freeFloor how much of the disk stays free for others
 * @param scrubRate how many bytes are read again in a second; 0 for none, absent for a pass over a full budget in ten days
 * @param pins the projects whose files are never evicted
 * @param pinsPercent the part of the budget of files that such files may take
 * @param mostFiles how many files the books hold, in memory; absent for as many as the heap has room for
 */
public record StoreSettings(
        Path path,
        ByteSize budget,
        ByteSize freeFloor,
        Optional<ByteSize> scrubRate,
        NamePatterns pins,
        int pinsPercent,
        Optional<Long> mostFiles) {
    /** Enough for the wheels of a busy provider's jobs, small enough for the disk of a small machine. */
    private static final ByteSize DEFAULT_BUDGET = ByteSize.ofGiB(50);

    private static final ByteSize LEAST_BUDGET = ByteSize.ofMiB(1);

    /** Logs and the programs of the next release fit in, and file systems get slow when they are fuller. */
    private static final ByteSize DEFAULT_FREE_FLOOR = ByteSize.ofMiB(512);

    /** Half of the store stays for what clients ask for. */
    private static final int DEFAULT_PINS_PERCENT = 50;

    /** What a disk has forgotten is found soon enough, and reading costs nothing that anybody would notice. */
    private static final Duration USUAL_PASS = Duration.ofDays(10);

    public StoreSettings {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("path has to be absolute, as in /var/lib/flotilla/mirror");
        }
        if (budget.compareTo(LEAST_BUDGET) < 0) {
            throw new IllegalArgumentException("budget is too small: at least " + LEAST_BUDGET);
        }
        if (pinsPercent < 0 || pinsPercent > 100) {
            throw new IllegalArgumentException("pins-percent is no part of a hundred: " + pinsPercent);
        }
    }

    static Setting<StoreSettings> read(Settings settings) {
        var path = settings.required("path", StoreSettings::parsedPath);
        var budget = settings.size("budget", DEFAULT_BUDGET, LEAST_BUDGET);
        var freeFloor = settings.size("free-floor", DEFAULT_FREE_FLOOR, new ByteSize(0));
        var scrubRate = settings.optional("scrub-rate", StoreSettings::parsedRate);
        var pins = settings.list("pins", List.of(), NamePattern::new);
        var pinsPercent = settings.integer("pins-percent", DEFAULT_PINS_PERCENT, 0, 100);
        var mostFiles = settings.optional("most-files", StoreSettings::parsedCount);
        return settings.build(() -> new StoreSettings(
                path.get(),
                budget.get(),
                freeFloor.get(),
                scrubRate.get(),
                NamePatterns.of(pins.get()),
                pinsPercent.get(),
                mostFiles.get()));
    }

    /** The same as the store understands it. */
    public StoreLimits limits() {
        var usual = new ByteSize(Math.max(1, budget.bytes() / USUAL_PASS.toSeconds()));
        var within = StoreLimits.within(budget).withFreeFloor(freeFloor).withScrubbing(scrubRate.orElse(usual));
        var limits = mostFiles.map(within::withMostFiles).orElse(within);
        return pins.isEmpty()
                ? limits
                : limits.withPins(project -> pins.match(project).isPresent(), pinsPercent);
    }

    private static long parsedCount(String text) {
        try {
            long count = Long.parseLong(text);
            if (count > 0) {
                return count;
            }
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException("'" + text + "' is no number of files", none);
        }
        throw new IllegalArgumentException("at least one file");
    }

    private static ByteSize parsedRate(String text) {
        return switch (text) {
            case "off", "no", "false" -> new ByteSize(0);
            default -> ByteSize.parse(text);
        };
    }

    static Path parsedPath(String text) {
        try {
            return Path.of(text).normalize();
        } catch (InvalidPathException invalid) {
            throw new IllegalArgumentException("'" + text + "' is no path: " + invalid.getReason(), invalid);
        }
    }
}
