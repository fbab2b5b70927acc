package dev.flotilla.agent.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.time.Duration;

/**
 * What a release has to show before it is trusted for good.
 *
 * @param soak how long its mirror has to serve before the release is committed; zero for no longer than until it is ready
 * @param unready how long its mirror may be unready meanwhile
 * @param known what it has to serve, since it did before
 */
public record Proof(Duration soak, Duration unready, Known known) {
    private static final Duration A_DAY = Duration.ofDays(1);

    static Setting<Proof> read(Settings settings) {
        var soak = settings.duration("soak", Duration.ofMinutes(1), Duration.ZERO, A_DAY);
        var unready = settings.duration("unready", Duration.ofSeconds(5), Duration.ZERO, A_DAY);
        var known = settings.section("known", Known::read);
        return settings.build(() -> new Proof(soak.get(), unready.get(), known.get()));
    }
}
