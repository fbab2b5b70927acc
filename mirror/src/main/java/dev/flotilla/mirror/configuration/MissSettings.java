package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.upstream.MissLimits;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.time.Duration;

/** Reads how long and how many requests for what isn't here are borne. */
final class MissSettings {
    private MissSettings() {}

    static Setting<MissLimits> read(Settings settings) {
        var usual = MissLimits.defaults();
        var patience = settings.duration("patience", usual.patience(), Duration.ofMillis(10), Duration.ofHours(1));
        var perNetwork = settings.integer("per-network", usual.perNetwork(), 0, 1_000_000);
        var prefix4 = settings.integer("prefix-ipv4", usual.prefix4(), 1, 32);
        var prefix6 = settings.integer("prefix-ipv6", usual.prefix6(), 1, 128);
        return settings.build(() -> new MissLimits(patience.get(), perNetwork.get(), prefix4.get(), prefix6.get()));
    }
}
