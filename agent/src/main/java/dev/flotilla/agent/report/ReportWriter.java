package dev.flotilla.agent.report;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a node's reports to its own disk and to the bucket: when something changed, and now and then as a sign of life.
 * What fails is logged once and tried again at the next occasion. For one thread.
 */
public final class ReportWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ReportWriter.class);

    private final Bucket bucket;
    private final Path file;
    private final Duration interval;
    private Optional<NodeReport> last = Optional.empty();
    private Optional<String> failure = Optional.empty();

    public ReportWriter(Bucket bucket, Path file, Duration interval) {
        this.bucket = bucket;
        this.file = file;
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
        Duration age = Duration.between(earlier.written(), report.written());
        // A clock that was set back must not silence the node.
        return !age.isNegative() && age.compareTo(interval) < 0;
    }

    private static boolean saysTheSame(NodeReport one, NodeReport other) {
        return one.toJson().with("written", "").equals(other.toJson().with("written", ""));
    }

    private void write(NodeReport report) {
        Optional<String> failed = Optional.empty();
        try {
            Disk.replace(file, report.toBytes());
        } catch (IOException full) {
            failed = Optional.of("the report can't be written to " + file + ": " + full.getMessage());
        }
        ObjectKey key = BucketLayout.report(report.region(), report.node());
        switch (bucket.put(key, report.toBytes(), Bucket.Condition.none())) {
            case Bucket.Writing.Written ignored -> {}
            case Bucket.Writing.Conflict conflict -> failed = failed.or(() -> Optional.of(conflict.reason()));
            case Bucket.Writing.Failed away -> failed = failed.or(() -> Optional.of(away.reason()));
        }
        if (!failed.equals(failure)) {
            failed.ifPresentOrElse(
                    reason -> LOG.warn("report not written: {}", reason), () -> LOG.info("reports are written again"));
        }
        failure = failed;
    }
}
