package dev.flotilla.agent.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * What the node's mirror is known to serve, so that a new release is held to it.
 *
 * @param choose whether the mirror that serves is asked for a page and a file, where none is named here
 * @param page the address of any page at the mirror's own listener
 * @param file the address of a file there
 * @param sha256 the file's digest; there exactly where the file is
 * @param interval between two looks while a release soaks
 * @param timeOut for each answer, and for each part of one
 * @param size no more of a page or a file is read
 */
public record Known(
        boolean choose,
        Optional<URI> page,
        Optional<URI> file,
        Optional<Sha256> sha256,
        Duration interval,
        Duration timeOut,
        ByteSize size) {
    /** Nothing in particular: the mirror is asked. */
    public static final Known NOTHING = new Known(
            true,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            ByteSize.ofMiB(32));

    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration AN_HOUR = Duration.ofHours(1);

    public Known {
        if (file.isPresent() != sha256.isPresent()) {
            throw new IllegalArgumentException("file and sha256 belong together");
        }
    }

    /** Whether somebody has named something. */
    public boolean isNamed() {
        return page.isPresent() || file.isPresent();
    }

    static Setting<Known> read(Settings settings) {
        var choose = settings.flag("choose", NOTHING.choose());
        var page = settings.optional("page", MirrorSettings::address);
        var file = settings.optional("file", MirrorSettings::address);
        var sha256 = settings.optional("sha256", Sha256::new);
        var interval = settings.duration("interval", NOTHING.interval(), SHORTEST, AN_HOUR);
        var timeOut = settings.duration("time-out", NOTHING.timeOut(), SHORTEST, AN_HOUR);
        var size = settings.size("size", NOTHING.size(), ByteSize.ofKiB(1));
        return settings.build(() -> new Known(
                choose.get(), page.get(), file.get(), sha256.get(), interval.get(), timeOut.get(), size.get()));
    }
}
