package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.trust.Role;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPaceTest {
    private static final String REPORT = "nodes/east/east-1.json";
    private static final Duration GAP = Duration.ofMillis(500);

    private final MemoryBucket bucket = new MemoryBucket();
    private final TestFleet fleet = new TestFleet(bucket);
    private final Queue<Long> written = new ConcurrentLinkedQueue<>();
    private TestNode node;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        node = new TestNode(folder, fleet, URI.create("http://127.0.0.1:9"));
        node.configure(
                URI.create("http://127.0.0.1:9"),
                "flotilla.agent { poll-interval = 100ms, report-gap = " + GAP.toMillis()
                        + "ms, report-interval = 1h }");
        fleet.publish(1, node.mirror("one", "good"));
    }

    @AfterEach
    void end() {
        node.close();
    }

    /** What the node says that it goes by, as far as the bucket has heard. */
    private long timestamp() {
        return NodeReport.parse(bucket.content(REPORT)).trust().orElseThrow().timestamp();
    }

    @Test
    void howeverMuchChangesANodeSaysItNoMoreOftenThanItMay() throws Exception {
        bucket.beforeWrite(key -> {
            if (key.value().equals(REPORT)) {
                written.add(System.nanoTime());
            }
        });
        try (var _ = new AgentAtWork(node.agent(bucket))) {
            await().atMost(TestNode.patience()).until(() -> !written.isEmpty());
            while (written.size() < 5) {
                // Something new to say with every look at the bucket.
                fleet.repository().publishTimestamp();
                fleet.upload();
                bucket.takeQuestions();
                await().atMost(TestNode.patience())
                        .until(() -> bucket.takeQuestions().contains("metadata/timestamp.json"));
            }
            await().atMost(TestNode.patience())
                    .until(() -> timestamp() == fleet.repository().version(Role.TIMESTAMP));
        }
        List<Long> times = new ArrayList<>(written);
        for (int i = 1; i < times.size(); i++) {
            assertThat(Duration.ofNanos(times.get(i) - times.get(i - 1))).isGreaterThanOrEqualTo(GAP);
        }
    }
}
