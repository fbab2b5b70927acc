package dev.flotilla.agent.report;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a node's reports to its own disk and to the bucket: when something changed, and now and then as a sign of life.
 * What fails is logged once and tried again at the next occasion. A bucket that forbids it is asked again after a while only: the
 * node goes on without reports. For one thread.
 */
public final class ReportWriter {
    /** The collector is another user. */
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");

    /** A bucket that forbids a report is asked again after so many intervals: ten minutes, as they usually are. */
    private static final int INTERVALS_OF_SILENCE = 60;

    private static final Logger LOG = LoggerFactory.getLogger(ReportWriter.class);

    private final Bucket bucket;
    private final Path file;
    private final Optional<Path> metrics;
    private final Duration interval;
    private Optional<NodeReport> last = Optional.empty();
    private Optional<String> failure = Optional.empty();
    private Optional<Forbidden> forbidden = Optional.empty();

    /** What the bucket decided about this node's reports when it was last asked. */
    private record Forbidden(Instant at, String reason) {}

    /**
     * @param file where the report goes on the node's own disk
     * @param metrics where it goes for Prometheus, if anywhere
     * @param interval between two reports where nothing changes
     */
    public ReportWriter(Bucket bucket, Path file, Optional<Path> metrics, Duration interval) {
        this.bucket = bucket;
        this.file = file;
        this.metrics = metrics;
        this.interval = interval;
    }

    /** Writes {@code report} unless it says what the last one said and that one is younger than the interval. */
    public void offer(NodeReport report) {
        if (last.filter(earlier -> isRecent(earlier, report) && saysTheSame(earlier, report))
                .isEmpty()) {
            last = Optional.of(report);
            write(report);
        }
    }

    private boolean isRecent(NodeReport earlier, NodeReport report) {
        return isWithin(interval, earlier.written(), report);
    }

    private static boolean isWithin(Duration time, Instant begin, NodeReport report) {
        Duration age = Duration.between(begin, report.written());
        // A clock that was set back must not silence the node.
        return !age.isNegative() && age.compareTo(time) < 0;
    }

    private static boolean saysTheSame(NodeReport one, NodeReport other) {
        return said(one).equals(said(other));
    }

    /** What is news when it changes. */
    private static JsonObject said(NodeReport report) {
        return report.with(Optional.empty()).toJson().with("written", "");
    }

    private void write(NodeReport report) {
        Optional<String> failed = Optional.empty();
        try {
            Disk.replace(file, report.toBytes());
        } catch (IOException full) {
            failed = Optional.of("the report can't be written to " + file + ": " + full.getMessage());
        }
        if (metrics.isPresent()) {
            try {
                Disk.replace(metrics.get(), ReportMetrics.text(report).getBytes(StandardCharsets.UTF_8));
                Files.setPosixFilePermissions(metrics.get(), READABLE);
            } catch (IOException unwritable) {
                failed = failed.or(() -> Optional.of(
                        "the metrics can't be written to " + metrics.get() + ": " + unwritable.getMessage()));
            }
        }
        Optional<String> notSent = forbidden
                .filter(decision -> isWithin(interval.multipliedBy(INTERVALS_OF_SILENCE), decision.at(), report))
                .map(Forbidden::reason)
                .or(() -> upload(report));
        failed = failed.or(() -> notSent);
        if (!failed.equals(failure)) {
            failed.ifPresentOrElse(
                    reason -> LOG.warn("report not written: {}", reason), () -> LOG.info("reports are written again"));
        }
        failure = failed;
    }

    /** Answers why the report isn't in the bucket, where it isn't. */
    private Optional<String> upload(NodeReport report) {
        ObjectKey key = BucketLayout.report(report.region(), report.node());
        return switch (bucket.put(key, report.toBytes(), Bucket.Condition.none())) {
            case Bucket.Writing.Written ignored -> {
                forbidden = Optional.empty();
                yield Optional.empty();
            }
            case Bucket.Writing.Conflict conflict -> Optional.of(conflict.reason());
            case Bucket.Writing.Failed away
            when away.forbidden() -> {
                String reason =
                        away.reason() + ". The node goes on without: its reports stay on its own disk, and no other"
                                + " node and no controller hears of it. Allow it its own report (flotilla iam prints how), or"
                                + " say rollout.reports = false in fleet.conf";
                forbidden = Optional.of(new Forbidden(report.written(), reason));
                yield Optional.of(reason);
            }
            case Bucket.Writing.Failed away -> {
                forbidden = Optional.empty();
                yield Optional.of(away.reason());
            }
        };
    }
}
