package dev.flotilla.agent.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import java.net.URI;
import java.time.Duration;

/**
 * How the agent looks after the mirror.
 *
 * @param readiness the address that answers 200 while the mirror can serve
 * @param restart when a mirror that died is started again
 * @param timeOuts how long the mirror may take for what
 * @param watchInterval between two looks whether the process lives
 * @param probeInterval between two probes of a mirror that is in use
 * @param keepWithStandardInput the mirror ends when the agent's own standard input closes, and not before
 * @param logSize the log is set aside at this size; the one set aside before is dropped
 */
public record MirrorSettings(
        URI readiness,
        Restart restart,
        TimeOuts timeOuts,
        Duration watchInterval,
        Duration probeInterval,
        boolean keepWithStandardInput,
        ByteSize logSize) {
    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final Duration SHORTEST = Duration.ofMillis(10);

    /**
     * The growing delay before a dead mirror is started again.
     *
     * @param delay before the first start; doubled by each further one
     * @param limit the delay grows no further
     * @param reset a mirror that was ready for this long begins with the first delay again
     */
    public record Restart(Duration delay, Duration limit, Duration reset) {
        public Restart {
            if (limit.compareTo(delay) < 0) {
                throw new IllegalArgumentException("restart-delay-limit is less than restart-delay");
            }
        }
    }

    /**
     * How long the mirror may take.
     *
     * @param start from its start until it is ready
     * @param stop from SIGTERM until it has ended; then it is killed. Longer than the ten seconds that a mirror gives its
     *     clients
     * @param leave from SIGTERM until a mirror in whose place another one serves has ended; then it is killed. Longer than the
     *     quarter of an hour that a mirror gives its last clients ({@code http.hand-over-limit})
     * @param check for judging a configuration, starting a JVM on a busy machine included
     * @param probe for answering one probe
     */
    public record TimeOuts(Duration start, Duration stop, Duration leave, Duration check, Duration probe) {}

    static Setting<MirrorSettings> read(Settings settings) {
        var readiness = settings.required("readiness", MirrorSettings::address);
        var restart = restart(settings);
        var start = settings.duration("start-time-out", Duration.ofSeconds(30), SHORTEST, AN_HOUR);
        var stop = settings.duration("stop-time-out", Duration.ofSeconds(15), SHORTEST, AN_HOUR);
        var leave = settings.duration("leave-time-out", Duration.ofMinutes(30), SHORTEST, Duration.ofDays(2));
        var check = settings.duration("check-time-out", Duration.ofSeconds(60), SHORTEST, AN_HOUR);
        var probe = settings.duration("probe-time-out", Duration.ofSeconds(2), SHORTEST, AN_HOUR);
        var watch = settings.duration("watch-interval", Duration.ofMillis(500), SHORTEST, AN_HOUR);
        var probing = settings.duration("probe-interval", Duration.ofSeconds(2), SHORTEST, AN_HOUR);
        var keep = settings.flag("keep-with-standard-input", false);
        var logSize = settings.size("log-size", ByteSize.ofMiB(10), ByteSize.ofKiB(64));
        return settings.build(() -> new MirrorSettings(
                readiness.get(),
                restart.get(),
                new TimeOuts(start.get(), stop.get(), leave.get(), check.get(), probe.get()),
                watch.get(),
                probing.get(),
                keep.get(),
                logSize.get()));
    }

    private static Setting<Restart> restart(Settings settings) {
        var delay = settings.duration("restart-delay", Duration.ofSeconds(5), SHORTEST, AN_HOUR);
        var limit = settings.duration("restart-delay-limit", Duration.ofSeconds(60), SHORTEST, AN_HOUR);
        var reset = settings.duration("restart-delay-reset", Duration.ofSeconds(60), SHORTEST, AN_HOUR);
        return settings.build(() -> new Restart(delay.get(), limit.get(), reset.get()));
    }

    static URI address(String text) {
        URI uri = URI.create(text);
        if (!"http".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("'" + text + "' is no address to probe: write http://host:port/readyz");
        }
        return uri;
    }
}
