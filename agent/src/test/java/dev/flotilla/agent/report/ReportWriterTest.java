package dev.flotilla.agent.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportWriterTest {
    private static final Instant BEGIN = Instant.parse("2026-06-01T12:00:00Z");

    private final MemoryBucket bucket = new MemoryBucket();
    private Path file;
    private Path metrics;
    private ReportWriter writer;

    @BeforeEach
    void begin(@TempDir Path folder) {
        file = folder.resolve("report.json");
        metrics = folder.resolve("flotilla.prom");
        writer = new ReportWriter(bucket, file, Optional.of(metrics), Duration.ofSeconds(10));
    }

    private static NodeReport report(long second, long restarts) {
        return new NodeReport(
                new FleetName("local"),
                new RegionName("east"),
                new NodeName("east-1"),
                BEGIN.plusSeconds(second),
                new NodeReport.Agent("0.1.0", 123),
                Optional.empty(),
                Optional.of(new NodeReport.Mirror(456, true, BEGIN, restarts, 3)),
                NodeReport.Condition.HEALTHY,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private Instant written() {
        var key = BucketLayout.report(new RegionName("east"), new NodeName("east-1"));
        var found = (Bucket.Lookup.Found) bucket.get(key, Optional.empty(), NodeReport.LARGEST);
        return NodeReport.parse(found.content()).written();
    }

    @Test
    void aReportIsWrittenWhenItSaysSomethingElseOrTheIntervalIsOver() {
        writer.offer(report(0, 0));
        writer.offer(report(9, 0));
        assertThat(written()).isEqualTo(BEGIN);
        writer.offer(report(10, 0));
        assertThat(written()).isEqualTo(BEGIN.plusSeconds(10));
        writer.offer(report(11, 1));
        assertThat(written()).isEqualTo(BEGIN.plusSeconds(11));
    }

    @Test
    void figuresOfTheMachineAreReportedAndAreNoNews() throws Exception {
        writer.offer(report(0, 0).with(health(1000)));
        writer.offer(report(9, 0).with(health(900)));
        assertThat(written()).isEqualTo(BEGIN);
        writer.offer(report(10, 0).with(health(800)));
        assertThat(NodeReport.parse(Files.readAllBytes(file)).health()).isEqualTo(health(800));
    }

    private static Optional<Health> health(long free) {
        return Optional.of(new Health(
                new Health.Disk(new ByteSize(free), new ByteSize(5000)),
                Optional.of(Duration.ofSeconds(-3)),
                Optional.of(new Health.Store(new ByteSize(10), new ByteSize(20))),
                Optional.of(new Health.Pages(7, 3, 2, 1)),
                Optional.of(new Health.Clients(12, BEGIN)),
                Optional.of(new Health.Past("the disk was full", BEGIN))));
    }

    @Test
    void everyReportIsThereForPrometheusToo() throws Exception {
        writer.offer(report(0, 2).with(health(1000)));
        assertThat(Files.readString(metrics).lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "flotilla_agent_info{version=\"0.1.0\"} 1",
                        "flotilla_agent_report_time_seconds " + BEGIN.getEpochSecond(),
                        "flotilla_agent_healthy 1",
                        "flotilla_agent_mirror_ready 1",
                        "flotilla_agent_mirror_restarts_total 2",
                        "flotilla_agent_mirror_release 3",
                        "flotilla_agent_disk_free_bytes 1000",
                        "flotilla_agent_disk_size_bytes 5000",
                        "flotilla_agent_clock_offset_seconds -3");
        assertThat(Files.readString(metrics))
                .contains("# TYPE flotilla_agent_mirror_restarts_total counter\n", "# HELP flotilla_agent_healthy ");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(metrics)))
                .isEqualTo("rw-r--r--");
        writer.offer(report(11, 3));
        assertThat(Files.readString(metrics)).contains("flotilla_agent_mirror_restarts_total 3\n");
    }

    @Test
    void whatEndsSoonIsAWarningForPrometheusToo() throws Exception {
        for (Optional<String> warning : List.of(Optional.<String>empty(), Optional.of("timestamp 17 ends"))) {
            writer.offer(new NodeReport(
                    new FleetName("local"),
                    new RegionName("east"),
                    new NodeName("east-1"),
                    BEGIN,
                    new NodeReport.Agent("0.1.0", 123),
                    Optional.empty(),
                    Optional.empty(),
                    NodeReport.Condition.DEGRADED,
                    Optional.of("no release"),
                    Optional.of(new NodeReport.Trust(2, 17, BEGIN.plusSeconds(60), warning)),
                    Optional.empty(),
                    Optional.empty()));
            assertThat(Files.readString(metrics))
                    .contains(
                            "\nflotilla_agent_metadata_expiry_time_seconds "
                                    + BEGIN.plusSeconds(60).getEpochSecond() + "\n",
                            "\nflotilla_agent_metadata_expiry_warning " + (warning.isPresent() ? 1 : 0) + "\n");
        }
    }

    @Test
    void aMetricsFileThatCannotBeWrittenKeepsNoReportBack() throws Exception {
        Files.createDirectory(metrics);
        writer.offer(report(0, 0));
        assertThat(written()).isEqualTo(BEGIN);
    }

    @Test
    void aClockThatIsSetBackDoesNotSilenceTheNode() {
        writer.offer(report(3600, 0));
        writer.offer(report(0, 0));
        assertThat(written()).isEqualTo(BEGIN);
    }

    @Test
    void whileTheBucketIsAwayTheNodeKeepsItsReportAndTriesAgain() throws Exception {
        bucket.goAway();
        writer.offer(report(0, 0));
        assertThat(NodeReport.parse(Files.readAllBytes(file))).isEqualTo(report(0, 0));
        bucket.comeBack();
        writer.offer(report(10, 0));
        assertThat(written()).isEqualTo(BEGIN.plusSeconds(10));
    }
}
