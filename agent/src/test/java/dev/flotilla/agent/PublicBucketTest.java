package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.PublicServer;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.report.ReportWriter;
import dev.flotilla.testing.TestAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A bucket that everybody may read, and a node that has no credentials at all. */
class PublicBucketTest {
    private final MemoryBucket content = new MemoryBucket();
    private final TestFleet fleet = new TestFleet(content);
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private PublicServer server;
    private Bucket bucket;
    private TestNode node;

    @TempDir
    private static Path authorities;

    private static TestAuthority ours;

    private static SSLContext identity;

    @BeforeAll
    static void issue() throws Exception {
        ours = TestAuthority.in(authorities, "ours");
        identity = ours.server();
    }

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        server = PublicServer.of(content);
        bucket = server.clientWithoutCredentials();
        node = new TestNode(folder, fleet, server.endpoint());
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void end() {
        logger().detachAppender(log);
        node.close();
        bucket.close();
        server.close();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(ReportWriter.class);
    }

    /** What was said of this node's reports. */
    private List<String> said() {
        return log.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(message -> message.contains(server.endpoint().toString()) || message.contains("again"))
                .toList();
    }

    private NodeReport once(Agent agent) throws Exception {
        now.updateAndGet(before -> before.plus(Duration.ofSeconds(3)));
        return agent.once();
    }

    @Test
    void aNodeWithoutCredentialsFollowsItsFleetAndSaysOnceThatNobodyHearsOfIt() throws Exception {
        Agent agent = node.agent(bucket, now::get);
        fleet.publish(1, node.mirror("one", "good"));
        assertThat(once(agent).problem()).isEmpty();
        fleet.publish(2, node.mirror("two", "good"));
        NodeReport report = once(agent);
        assertThat(report.problem()).isEmpty();
        assertThat(report.release().map(NodeReport.Release::state)).contains(NodeReport.State.COMMITTED);
        assertThat(node.serves("two")).isTrue();
        assertThat(NodeReport.parse(Files.readAllBytes(node.state().report())))
                .as("the report on the node's own disk")
                .isEqualTo(report);
        assertThat(server.signed()).isZero();
        assertThat(server.writes()).as("tries to report").isEqualTo(1);
        assertThat(said())
                .singleElement()
                .asString()
                .contains(
                        "nodes/east/east-1.json",
                        "status 403",
                        "for none were found",
                        "goes on without",
                        "rollout.reports = false");
    }

    @Test
    void behindAnAuthorityOfItsOwnABucketIsFollowedAndWhoeverShowsAnotherCertificateIsNot() throws Exception {
        SSLContext strange = TestAuthority.in(authorities, "strange").server();
        int port;
        Agent agent;
        try (var safe = PublicServer.of(content, identity, 0)) {
            port = safe.port();
            bucket.close();
            bucket = safe.clientWithoutCredentials(Optional.of(ours.certificate()));
            agent = node.agent(bucket, now::get);
            fleet.publish(1, node.mirror("one", "good"));
            assertThat(once(agent).problem()).isEmpty();
            assertThat(node.serves("one")).isTrue();
        }
        long mirror = node.mirror();
        fleet.publish(2, node.mirror("two", "good"));
        try (var other = PublicServer.of(content, strange, port)) {
            NodeReport report = once(agent);
            assertThat(report.problem().orElseThrow())
                    .contains("could not look for a release", "the server's certificate is not trusted");
            assertThat(report.mirror().orElseThrow().ready()).isTrue();
            assertThat(node.serves("one")).isTrue();
            assertThat(node.mirror()).isEqualTo(mirror);
            assertThat(other.requests())
                    .as("what the other server came to hear")
                    .isZero();
        }
        try (var again = PublicServer.of(content, identity, port)) {
            assertThat(once(agent).problem()).isEmpty();
            assertThat(again.requests()).isPositive();
            assertThat(node.serves("two")).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404})
    void whetherSomethingIsForbiddenOrMissingANodeKeepsWhatItHas(int status) throws Exception {
        server.sayOfTheMissing(status);
        Agent agent = node.agent(bucket, now::get);
        fleet.publish(1, node.mirror("one", "good"));
        assertThat(once(agent).problem()).isEmpty();
        long mirror = node.mirror();
        var draft = fleet.draft(2, node.mirror("two", "good"));
        fleet.publish(draft);
        Map<ObjectKey, byte[]> all = Map.copyOf(content.objects());
        for (ObjectKey lost : List.of(
                new ObjectKey("metadata/2.targets.json"),
                TestFleet.configurationKey(draft),
                new ObjectKey("metadata/timestamp.json"))) {
            content.objects().putAll(all);
            content.remove(lost);
            NodeReport report = once(agent);
            assertThat(report.problem().orElseThrow())
                    .contains(lost.value().substring(lost.value().lastIndexOf('/') + 1));
            assertThat(report.release().orElseThrow().version())
                    .as("lost " + lost)
                    .isEqualTo(1);
            assertThat(node.serves("one")).isTrue();
            assertThat(node.mirror()).isEqualTo(mirror);
        }
        content.objects().putAll(all);
        assertThat(once(agent).problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void theAgentsEnvironmentNamesTheAuthority() throws Exception {
        fleet.publish(1, node.mirror("one", "good"));
        try (var safe = PublicServer.of(content, identity, 0)) {
            node.configure(safe.endpoint(), "");
            String[] verify = {"verify", "--config", node.configurationFile().toString()};
            try (var told = AgentProcess.start(
                            Map.of("AWS_CA_BUNDLE", ours.certificate().toString()), verify);
                    var untold = AgentProcess.start(verify)) {
                assertThat(told.ended()).as(told.said()).isZero();
                assertThat(untold.ended()).as(untold.said()).isEqualTo(1);
                assertThat(untold.said()).contains("the server's certificate is not trusted", "AWS_CA_BUNDLE");
            }
        }
    }

    @Test
    void whoIsAllowedLaterReportsAfterAWhile() throws Exception {
        Agent agent = node.agent(bucket, now::get);
        fleet.publish(1, node.mirror("one", "good"));
        once(agent);
        now.updateAndGet(before -> before.plus(Duration.ofMinutes(2)));
        once(agent);
        assertThat(server.writes()).isEqualTo(2);
        assertThat(said()).as("the same once more is no news").hasSize(1);
        server.allowWrites();
        now.updateAndGet(before -> before.plus(Duration.ofMinutes(2)));
        NodeReport report = once(agent);
        assertThat(NodeReport.parse(content.content("nodes/east/east-1.json"))).isEqualTo(report);
        once(agent);
        assertThat(server.writes()).as("every report from now on").isEqualTo(4);
    }
}
