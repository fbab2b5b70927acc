package dev.flotilla.agent.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.time.Duration;

/**
 * What a new agent has to prove itself in.
 *
 * @param trial from its first start until it has completed a cycle; then the agent before it is put back. Some polls long,
 *     for one look at the bucket may fail
 * @param starts how often it may be started meanwhile, the first time included; a machine that is started counts too
 * @param check for judging the node's configuration, starting a JVM on a busy machine included
 */
public record SelfUpdateSettings(Duration trial, int starts, Duration check) {
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    static Setting<SelfUpdateSettings> read(Settings settings) {
        var trial = settings.duration("trial", Duration.ofMinutes(10), A_SECOND, Duration.ofDays(1));
        var starts = settings.integer("starts", 3, 1, 100);
        var check = settings.duration("check-time-out", Duration.ofSeconds(60), A_SECOND, Duration.ofHours(1));
        return settings.build(() -> new SelfUpdateSettings(trial.get(), starts.get(), check.get()));
    }
}
