package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.cycle.Step;
import dev.flotilla.agent.intent.Drain;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.intent.LocalWish;
import dev.flotilla.agent.intent.PurgeScope;
import dev.flotilla.agent.intent.Rollout;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.AllowedHours;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.agent.rollout.RolloutPlan.Wave;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is wanted of a node while its cycle is in the middle of a release: it is held there for as long as a test needs. */
class BusyCycleTest {
    private static final URI NO_SERVER = URI.create("http://127.0.0.1:9");
    private static final Member SELF = Member.parse("east/east-1");

    private final MemoryBucket bucket = new MemoryBucket();
    private final TestFleet fleet = new TestFleet(bucket);
    private final Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private TestNode node;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        node = new TestNode(folder, fleet, NO_SERVER);
        fleet.publish(1, node.mirror("one", "good"));
        assertThat(node.agent(bucket).once().problem()).isEmpty();
    }

    @AfterEach
    void end() {
        goOn.countDown();
        node.close();
    }

    /** At work on release 2, and held as soon as it has come to that step. */
    private AgentAtWork heldAt(Step step) throws Exception {
        return heldAt(step, false);
    }

    private AgentAtWork heldAt(Step step, boolean once) throws Exception {
        publish(TestFleet.program("another"));
        Agent agent = node.agent(bucket, InstantSource.system(), (now, release) -> {
            if (now == step && release == 2) {
                reached.countDown();
                waitToGoOn();
            }
        });
        var atWork = new AgentAtWork(agent, once);
        reached.await();
        return atWork;
    }

    private void waitToGoOn() {
        try {
            goOn.await();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void publish(TestFleet.Program program) {
        var plan = new RolloutPlan(
                start,
                Duration.ofHours(1),
                25,
                true,
                false,
                AllowedHours.ALWAYS,
                List.of(new Wave(Duration.ZERO, List.of(SELF), List.of())));
        fleet.publish(
                fleet.draft(2, node.mirror("two", "good")).with(program), Map.of(TargetPath.rollout(), plan.toBytes()));
    }

    private int readiness() throws IOException {
        var connection = (HttpURLConnection)
                node.configuration().mirror().readiness().toURL().openConnection();
        connection.setRequestProperty("Connection", "close");
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }

    private void awaitReport(Predicate<NodeReport> says) {
        await().atMost(TestNode.patience())
                .until(() -> Files.exists(node.state().report())
                        && says.test(
                                NodeReport.parse(Files.readAllBytes(node.state().report()))));
    }

    @ParameterizedTest
    @EnumSource(names = {"TRUSTED", "DOWNLOADED", "STAGED", "ACTIVATED", "SWITCHED", "READY"})
    void drainsAndPurgesDoNotWaitForTheCycle(Step step) throws Exception {
        drainsAndPurgesDoNotWait(step, false);
    }

    @ParameterizedTest
    @EnumSource(names = {"DOWNLOADED", "SWITCHED"})
    void norForTheOneCycleOfATimer(Step step) throws Exception {
        drainsAndPurgesDoNotWait(step, true);
    }

    private void drainsAndPurgesDoNotWait(Step step, boolean once) throws Exception {
        try (var _ = heldAt(step, once)) {
            var purge = Intents.begin(start, 0)
                    .purged(new PurgeScope.Project(ProjectName.of("requests")), false, "ann@desk", start);
            fleet.intend(purge.drained(
                    new Drain(SELF.region(), Optional.of(SELF.node()), Optional.empty(), "switch", "ann@desk", start)));
            await().atMost(TestNode.patience()).until(() -> readiness() == 503);
            await().atMost(TestNode.patience()).until(() -> node.ask("/purges").equals("project=requests"));
            fleet.intend(purge);
            await().atMost(TestNode.patience()).until(() -> readiness() == 200);
            assertThat(node.remembered().committed().orElseThrow().mark().version())
                    .as("the cycle is held all the while")
                    .isEqualTo(1);
            goOn.countDown();
            await().atMost(TestNode.patience()).until(() -> node.serves("two"));
        }
    }

    private void want(Optional<Rollout.State> state) {
        fleet.intend(Intents.begin(start, 1)
                .withRollout(state.map(wish -> new Rollout(2, wish, "lunch", "somebody", start))));
    }

    @ParameterizedTest
    @EnumSource(names = {"TRUSTED", "DOWNLOADED", "FOLDER_MADE", "STAGED"})
    void aRolloutThatIsPausedWhileAReleaseIsStagedIsHeld(Step step) throws Exception {
        try (var _ = heldAt(step)) {
            want(Optional.of(Rollout.State.PAUSED));
            awaitReport(report -> report.steering().orElseThrow().intents() == 1);
            goOn.countDown();
            awaitReport(report -> report.waiting()
                    .filter(waiting -> waiting.reason().contains("the rollout is paused: by somebody"))
                    .isPresent());
            assertThat(node.serves("one")).isTrue();
            assertThat(node.remembered().inUse().orElseThrow().version()).isEqualTo(1);
            want(Optional.empty());
            await().atMost(TestNode.patience()).until(() -> node.serves("two"));
        }
    }

    @Test
    void aDownloadIsBrokenOffWhenItsRolloutIsPausedAndGoesOnLater() throws Exception {
        var program = TestFleet.large(64 << 10);
        bucket.duringDownloads(() -> {
            reached.countDown();
            waitToGoOn();
        });
        publish(program);
        try (var _ = new AgentAtWork(node.agent(bucket))) {
            reached.await();
            want(Optional.of(Rollout.State.PAUSED));
            awaitReport(report -> report.steering().orElseThrow().intents() == 1);
            goOn.countDown();
            awaitReport(report -> report.waiting().isPresent());
            Path part = node.state().download(program.digest()).path();
            assertThat(Files.size(part)).isBetween(1L, program.archive().length - 1L);
            byte[] begin = Files.readAllBytes(part);
            assertThat(begin).isEqualTo(Arrays.copyOf(program.archive(), begin.length));
            want(Optional.empty());
            await().atMost(TestNode.patience()).until(() -> node.serves("two"));
        }
    }

    @Test
    void aReleaseThatIsInUseAlreadyIsNotHeld() throws Exception {
        try (var _ = heldAt(Step.ACTIVATED)) {
            want(Optional.of(Rollout.State.PAUSED));
            awaitReport(report -> report.steering().orElseThrow().intents() == 1);
            goOn.countDown();
            await().atMost(TestNode.patience()).until(() -> node.serves("two"));
        }
    }

    @Test
    void aReleaseThatIsReplacedWhileItIsStagedIsLeftForTheNewerOne() throws Exception {
        try (var _ = heldAt(Step.STAGED)) {
            fleet.publish(3, node.mirror("three", "good"));
            want(Optional.empty());
            awaitReport(report -> report.steering().orElseThrow().intents() == 1);
            String log = Files.readString(node.state().mirrorLog());
            goOn.countDown();
            await().atMost(TestNode.patience()).until(() -> node.serves("three"));
            assertThat(Files.readString(node.state().mirrorLog()).substring(log.length()))
                    .as("one mirror was started")
                    .containsOnlyOnce("serving");
        }
    }

    @Test
    void aPauseOnTheNodeHoldsAReleaseThatIsBeingStaged() throws Exception {
        try (var _ = heldAt(Step.DOWNLOADED)) {
            node.state().pause().write(new LocalWish(Optional.empty(), "looking", "ann", start));
            goOn.countDown();
            awaitReport(report -> report.release().orElseThrow().state() == NodeReport.State.STAGED
                    && report.steering().orElseThrow().paused().isPresent());
            assertThat(node.serves("one")).isTrue();
            assertThat(node.state().pause().remove()).isTrue();
            await().atMost(TestNode.patience()).until(() -> node.serves("two"));
        }
    }

    @Test
    void whereNothingCanBeFoundOutMeanwhileAReleaseGoesOn() throws Exception {
        try (var _ = heldAt(Step.DOWNLOADED)) {
            var timestamp = new ObjectKey("metadata/timestamp.json");
            bucket.remove(timestamp);
            bucket.takeQuestions();
            await().atMost(TestNode.patience())
                    .until(() -> bucket.takeQuestions().contains(timestamp.value()));
            goOn.countDown();
            await().atMost(TestNode.patience()).until(() -> node.serves("two"));
        }
    }
}
