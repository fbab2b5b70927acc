package dev.flotilla.agent.cycle;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.mirror.MirrorMetrics;
import dev.flotilla.agent.report.Health;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Finds out how the node's machine and mirror are, no more often than reports are due. For one thread. */
public final class HealthObserver {
    private final StateFolder folder;
    private final Bucket bucket;
    private final MirrorMetrics mirror;
    private final Duration interval;
    private final LongSupplier nanoTime;
    private Optional<Health> last = Optional.empty();
    private Optional<Health.Past> past = Optional.empty();
    private long next;

    public HealthObserver(
            StateFolder folder, Bucket bucket, MirrorMetrics mirror, Duration interval, LongSupplier nanoTime) {
        this.folder = folder;
        this.bucket = bucket;
        this.mirror = mirror;
        this.interval = interval;
        this.nanoTime = nanoTime;
        this.next = nanoTime.getAsLong();
    }

    /** The report with how things are besides. Waits for the mirror's answer where it is time to ask. */
    public NodeReport observe(NodeReport report) {
        report.problem().ifPresent(problem -> past = Optional.of(new Health.Past(problem, report.written())));
        return report.with(figures(report.written()).map(now -> now.with(past)));
    }

    /** Absent where the disk can't be asked. */
    private Optional<Health> figures(Instant time) {
        long now = nanoTime.getAsLong();
        if (now - next >= 0) {
            next = now + interval.toNanos();
            last = look(time);
        }
        return last;
    }

    private Optional<Health> look(Instant time) {
        try {
            MirrorMetrics.Said said = mirror.ask();
            FileStore disk = Files.getFileStore(folder.path());
            return Optional.of(new Health(
                    new Health.Disk(new ByteSize(disk.getUsableSpace()), new ByteSize(disk.getTotalSpace())),
                    bucket.clockAhead(),
                    said.store(),
                    said.pages(),
                    said.clientsRequests().map(requests -> new Health.Clients(requests, time)),
                    Optional.empty()));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
