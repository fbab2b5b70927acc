package dev.flotilla.mirror.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * What the mirror keeps on disk.
 *
 * @param path the folder, made where it is missing; an absolute path, so that the folder doesn't depend on where the
 *     program was started
 * @param budget how many bytes the files and pages in it may take together
 */
public record StoreSettings(Path path, ByteSize budget) {
    /** Enough for the wheels of a busy provider's jobs, small enough for the disk of a small machine. */
    private static final ByteSize DEFAULT_BUDGET = ByteSize.ofGiB(50);

    private static final ByteSize LEAST_BUDGET = ByteSize.ofMiB(1);

    public StoreSettings {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("path has to be absolute, as in /var/lib/flotilla/mirror");
        }
        if (budget.compareTo(LEAST_BUDGET) < 0) {
            throw new IllegalArgumentException("budget is too small: at least " + LEAST_BUDGET);
        }
    }

    static Setting<StoreSettings> read(Settings settings) {
        var path = settings.required("path", StoreSettings::parsedPath);
        var budget = settings.size("budget", DEFAULT_BUDGET, LEAST_BUDGET);
        return settings.build(() -> new StoreSettings(path.get(), budget.get()));
    }

    private static Path parsedPath(String text) {
        try {
            return Path.of(text).normalize();
        } catch (InvalidPathException invalid) {
            throw new IllegalArgumentException("'" + text + "' is no path: " + invalid.getReason(), invalid);
        }
    }
}
