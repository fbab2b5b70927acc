package dev.flotilla.mirror.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;

/**
 * How clients are served.
 *
 * @param eventLoops how many threads serve; 0 means one per core
 * @param connections how many connections of clients there may be at once, plain and encrypted ones together
 * @param spareConnections how many more there may be for health checks, and how many on the operations listener. 100
 * @param descriptorsHeldBack how many of the files that the process may have open connections leave to all else. 512
 * @param requestsPerConnection after how many requests a connection ends. 10,000: clients find their way anew now and then
 * @param headTimeOut how long the head of a request may take to come, from its first byte. 20 s: it fits into a packet or two
 * @param idleTimeOut when a connection is closed on which nothing moves; longer than the longest wait for upstream
 * @param writeTimeOut when a client that takes nothing of its answer is given up, so that it doesn't hold what it reads
 * @param headLimit how many bytes the header fields of a request may have
 * @param targetLimit how many bytes its first line may have: the longest path here is some 400
 * @param shutdownLimit how long running answers may take to end once the program is asked to stop
 * @param handOverLimit how long a mirror in whose place another one serves goes on for those who are connected to it
 * @param retryAfterLimit the longest time after which clients are told to come again. 10 s: pip waits so long up to five times,
 *     without a word to its user
 * @param requestsRemembered how many of the last requests the page for people shows
 * @param sdistsRemembered of how many sdists for a Python on a platform downloads are counted. 10,000: some two megabytes
 * @param accessLog whether every request is logged
 */
public record HttpSettings(
        int eventLoops,
        int connections,
        int spareConnections,
        int descriptorsHeldBack,
        int requestsPerConnection,
        Duration headTimeOut,
        Duration idleTimeOut,
        Duration writeTimeOut,
        ByteSize headLimit,
        ByteSize targetLimit,
        Duration shutdownLimit,
        Duration handOverLimit,
        Duration retryAfterLimit,
        int requestsRemembered,
        int sdistsRemembered,
        boolean accessLog) {

    static Setting<HttpSettings> read(Settings settings) {
        var second = Duration.ofSeconds(1);
        var hour = Duration.ofHours(1);
        var eventLoops = settings.integer("event-loops", 0, 0, 256);
        var connections = settings.integer("connections", 20_000, 1, 1_000_000);
        var spareConnections = settings.integer("spare-connections", 100, 1, 10_000);
        var descriptorsHeldBack = settings.integer("descriptors-held-back", 512, 0, 2_000_000_000);
        var requestsPerConnection = settings.integer("requests-per-connection", 10_000, 1, 1_000_000_000);
        var headTimeOut = settings.duration("head-time-out", Duration.ofSeconds(20), second, hour);
        var idleTimeOut = settings.duration("idle-time-out", Duration.ofSeconds(75), second, hour);
        var writeTimeOut = settings.duration("write-time-out", Duration.ofSeconds(60), second, hour);
        var headLimit = settings.size("head-limit", ByteSize.ofKiB(16), ByteSize.ofKiB(1));
        var targetLimit = settings.size("target-limit", ByteSize.ofKiB(4), ByteSize.ofKiB(1));
        var shutdownLimit = settings.duration("shutdown-limit", Duration.ofSeconds(10), Duration.ZERO, hour);
        var handOverLimit = settings.duration("hand-over-limit", Duration.ofMinutes(15), second, Duration.ofDays(1));
        var retryAfterLimit = settings.duration("retry-after-limit", Duration.ofSeconds(10), second, hour);
        var requestsRemembered = settings.integer("requests-remembered", 20, 0, 1_000);
        var sdistsRemembered = settings.integer("sdists-remembered", 10_000, 0, 1_000_000);
        var accessLog = settings.flag("access-log", false);
        return settings.build(() -> new HttpSettings(
                eventLoops.get(),
                connections.get(),
                spareConnections.get(),
                descriptorsHeldBack.get(),
                requestsPerConnection.get(),
                headTimeOut.get(),
                idleTimeOut.get(),
                writeTimeOut.get(),
                headLimit.get(),
                targetLimit.get(),
                shutdownLimit.get(),
                handOverLimit.get(),
                retryAfterLimit.get(),
                requestsRemembered.get(),
                sdistsRemembered.get(),
                accessLog.get()));
    }

    public HttpSettings {
        long largest = ByteSize.ofMiB(1).bytes();
        if (headLimit.bytes() > largest || targetLimit.bytes() > largest) {
            throw new IllegalArgumentException("head-limit and target-limit can't be above 1 MiB");
        }
        if (handOverLimit.compareTo(idleTimeOut) <= 0) {
            throw new IllegalArgumentException("hand-over-limit has to be longer than idle-time-out:"
                    + " else idle connections are closed while their clients believe them open");
        }
    }

    /** How many event loops there are to be on a machine with {@code cores}. */
    public int eventLoopsOn(int cores) {
        return eventLoops > 0 ? eventLoops : cores;
    }
}
