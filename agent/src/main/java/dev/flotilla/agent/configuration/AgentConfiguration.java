package dev.flotilla.agent.configuration;

import dev.flotilla.agent.bucket.BucketLocation;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.settings.Loading;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.settings.SettingsFile;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What {@code agent.conf} says: who this node is, where its fleet's bucket is, and whom it trusts. Relative paths are
 * relative to the file. Immutable.
 *
 * @param file where it was read from, absolute
 * @param zone the zone that the fleet's names are in, which the root has to name; absent where any will do
 * @param state the folder that holds all that the agent keeps
 * @param trustRoot the root metadata that the node was installed with
 * @param pollInterval between two looks for a release at most; each is by chance up to a fifth shorter, so that a fleet spreads out
 */
public record AgentConfiguration(
        Path file,
        FleetName fleet,
        RegionName region,
        NodeName node,
        Optional<String> zone,
        Path state,
        BucketLocation bucket,
        Path trustRoot,
        TrustLimits trust,
        MirrorSettings mirror,
        Duration pollInterval,
        Proof proof,
        Reporting reporting,
        Limits limits,
        SelfUpdateSettings selfUpdate) {
    private static final String ROOT = "flotilla.agent";
    private static final Duration A_DAY = Duration.ofDays(1);
    private static final Pattern ZONE = Pattern.compile("[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})*");

    /**
     * When reports are written.
     *
     * @param interval between two reports where nothing changes, as a sign of life
     * @param age another node's report that is older says nothing, when it is about who serves
     * @param gap between two reports at least, however much changes
     * @param metricsFile where each report goes for Prometheus, too
     */
    public record Reporting(Duration interval, Duration gap, Duration age, Optional<Path> metricsFile) {}

    /** Reads the file, or lists everything that is wrong with it. */
    public static Loading<AgentConfiguration> load(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return SettingsFile.load(file, ROOT, settings -> read(settings, absolute));
    }

    /** As roots write it: in lower case, without a last dot. */
    private static String zone(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        String zone = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        if (!ZONE.matcher(zone).matches()) {
            throw new IllegalArgumentException("'" + text + "' is no zone: write one as in example.org");
        }
        return zone;
    }

    private static Setting<AgentConfiguration> read(Settings settings, Path file) {
        Path folder = file.resolveSibling("");
        var fleet = settings.required("fleet", FleetName::new);
        var region = settings.required("region", RegionName::new);
        var node = settings.required("node", NodeName::new);
        var zone = settings.optional("zone", AgentConfiguration::zone);
        var state = settings.optional("state", Path.of("/var/lib/flotilla/agent"), folder::resolve);
        var bucket = settings.section("bucket", BucketLocation::read);
        var trustRoot = settings.optional("trust-root", Path.of("/etc/flotilla/root.json"), folder::resolve);
        var trust = settings.section("trust", TrustSettings::read);
        var mirror = settings.section("mirror", MirrorSettings::read);
        var poll = settings.duration("poll-interval", Duration.ofSeconds(30), Duration.ofMillis(100), A_DAY);
        var proof = settings.section("proof", Proof::read);
        var interval = settings.duration("report-interval", Duration.ofSeconds(10), Duration.ofMillis(100), A_DAY);
        // One a second is plenty for people, and a mirror that flaps doesn't run up a bill.
        var gap = settings.duration("report-gap", Duration.ofSeconds(1), Duration.ofMillis(10), A_DAY);
        // Six signs of life by default, and what clocks differ in.
        var age = settings.duration("report-age", Duration.ofMinutes(1), Duration.ofMillis(100), A_DAY);
        var metrics = settings.optional("metrics-file", folder::resolve);
        var limits = settings.section("limits", Limits::read);
        var selfUpdate = settings.section("self-update", SelfUpdateSettings::read);
        return settings.build(() -> new AgentConfiguration(
                file,
                fleet.get(),
                region.get(),
                node.get(),
                zone.get(),
                state.get(),
                bucket.get(),
                trustRoot.get(),
                trust.get(),
                mirror.get(),
                poll.get(),
                proof.get(),
                new Reporting(interval.get(), gap.get(), age.get(), metrics.get()),
                limits.get(),
                selfUpdate.get()));
    }
}
