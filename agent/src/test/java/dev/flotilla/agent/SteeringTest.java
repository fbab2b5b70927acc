package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.intent.Drain;
import dev.flotilla.agent.intent.Failback;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.intent.LocalWish;
import dev.flotilla.agent.intent.PurgeScope;
import dev.flotilla.agent.intent.Return;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.trust.TestRepository;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with a real mirror process, and what is wanted of it beside its release. */
class SteeringTest {
    private static final URI NO_SERVER = URI.create("http://127.0.0.1:9");
    private static final Member OTHER = Member.parse("west/west-1");

    private final MemoryBucket bucket = new MemoryBucket();
    private final TestFleet fleet = new TestFleet(bucket);
    private final Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private Instant now = start;
    private TestNode node;
    private Agent agent;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        node = new TestNode(folder, fleet, NO_SERVER);
        fleet.join(OTHER);
        fleet.publish(1, node.mirror("first", "good"));
        agent = node.agent(bucket, () -> now);
        assertThat(agent.once().condition()).isEqualTo(NodeReport.Condition.HEALTHY);
    }

    @AfterEach
    void end() {
        node.close();
    }

    private Intents drained(int minimum) {
        Member self = Member.parse("east/east-1");
        return Intents.begin(start, minimum)
                .drained(new Drain(
                        self.region(), Optional.of(self.node()), Optional.empty(), "new switch", "ann@desk", start));
    }

    private Intents otherDrained() {
        return Intents.begin(start, 1)
                .drained(new Drain(OTHER.region(), Optional.of(OTHER.node()), Optional.empty(), "", "ann@desk", start));
    }

    /** What a health check gets. */
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

    /** Cycles until what was wanted can be seen by the agent itself. */
    private NodeReport.Steering settled() throws InterruptedException {
        agent.once();
        return agent.once().steering().orElseThrow();
    }

    private void otherSays(Instant when, long intents, boolean drained) {
        says(OTHER, when, intents, drained);
    }

    private void says(Member other, Instant when, long intents, boolean drained) {
        var report = new NodeReport(
                        new FleetName("test"),
                        other.region(),
                        other.node(),
                        when,
                        new NodeReport.Agent("test", 1),
                        Optional.empty(),
                        Optional.of(new NodeReport.Mirror(2, true, when, 0, 1)),
                        NodeReport.Condition.HEALTHY,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .with(new NodeReport.Steering(
                        intents,
                        drained,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        0,
                        0,
                        Optional.empty()));
        fleet.put(BucketLayout.report(other.region(), other.node()), report.toBytes());
    }

    @Test
    void aDrainOfTheFleetReachesTheMirrorAtOnceAndIsNoFaultOfTheNodes() throws Exception {
        fleet.intend(drained(0));
        agent.once();
        assertThat(readiness()).isEqualTo(503);
        assertThat(node.serves("first")).isTrue();
        NodeReport report = agent.once();
        assertThat(report.condition()).isEqualTo(NodeReport.Condition.HEALTHY);
        assertThat(report.mirror().orElseThrow().ready()).isTrue();
        assertThat(report.steering().orElseThrow().drained()).isTrue();
        assertThat(report.steering().orElseThrow().drain())
                .hasValueSatisfying(who -> assertThat(who)
                        .contains("ann@desk")
                        .contains("east/east-1")
                        .contains("new switch"));
        fleet.intend(Intents.begin(start, 0));
        agent.once();
        assertThat(readiness()).isEqualTo(200);
    }

    @Test
    void aDrainOutlivesMirrorAndAgentAndGoesOnUnderTheNextReleaseWithoutBucket() throws Exception {
        fleet.intend(drained(0));
        agent.once();
        fleet.publish(2, node.mirror("second", "good"));
        assertThat(agent.once().condition()).isEqualTo(NodeReport.Condition.HEALTHY);
        assertThat(node.serves("second")).isTrue();
        assertThat(readiness()).isEqualTo(503);
        TestNode.kill(node.mirror());
        bucket.goAway();
        agent = node.agent(bucket, () -> now);
        agent.once();
        assertThat(node.serves("second")).isTrue();
        assertThat(readiness()).isEqualTo(503);
    }

    @Test
    void aDrainEndsAtItsTimeWithoutAnybodysDoing() throws Exception {
        Member self = Member.parse("east/east-1");
        fleet.intend(Intents.begin(start, 0)
                .drained(new Drain(
                        self.region(), Optional.empty(), Optional.of(start.plusSeconds(60)), "", "ann@desk", start)));
        agent.once();
        assertThat(readiness()).isEqualTo(503);
        bucket.goAway();
        now = start.plusSeconds(60);
        agent.once();
        assertThat(readiness()).isEqualTo(200);
    }

    @Test
    void whoHadNoReasonToGoIsWaitedForByNobody() throws Exception {
        otherSays(now, 0, false);
        fleet.intend(drained(1));
        agent.once();
        assertThat(readiness())
                .as("the other one doesn't know of the drain, which doesn't mean it")
                .isEqualTo(503);
    }

    @Test
    void theLastNodesThatServeStayWhateverIsWanted() throws Exception {
        fleet.intend(otherDrained());
        agent.once();
        fleet.intend(drained(1));
        NodeReport.Steering silent = settled();
        assertThat(readiness()).isEqualTo(200);
        assertThat(silent.held()).hasValueSatisfying(why -> assertThat(why).contains("0 are known to serve"));
        otherSays(now, 1, false);
        next();
        assertThat(readiness())
                .as("the other one doesn't know yet that it is to come back")
                .isEqualTo(200);
        otherSays(now, 2, true);
        next();
        assertThat(readiness()).as("the other one is drained itself").isEqualTo(200);
        otherSays(now, 2, false);
        next();
        assertThat(readiness()).isEqualTo(503);
        bucket.goAway();
        next();
        assertThat(readiness())
                .as("no word from the bucket is no reason to come or go")
                .isEqualTo(503);
        bucket.comeBack();
        now = now.plus(Duration.ofMinutes(2));
        next();
        assertThat(readiness()).as("the other one fell silent").isEqualTo(200);
    }

    /** A new agent looks at the others at once. */
    private void next() throws Exception {
        agent = node.agent(bucket, () -> now);
        agent.once();
    }

    @Test
    void anAgentLooksAtTheOthersAgainWithEachPoll() throws Exception {
        fleet.intend(drained(1));
        agent.once();
        assertThat(readiness()).isEqualTo(200);
        otherSays(now, 1, false);
        await().atMost(TestNode.patience()).until(() -> {
            agent.once();
            return readiness() == 503;
        });
    }

    @Test
    void aNodeThatIsHeldLooksAgainLongBeforeItsNextPoll() throws Exception {
        node.configure(NO_SERVER, "flotilla.agent.poll-interval = 1h");
        agent = node.agent(bucket, () -> now);
        fleet.intend(drained(1));
        agent.once();
        assertThat(readiness()).isEqualTo(200);
        otherSays(now, 1, false);
        await().atMost(TestNode.patience()).until(() -> {
            agent.once();
            return readiness() == 503;
        });
    }

    @Test
    void intentsThatAreSignedByAnotherKeyOrAreNotUnderstoodChangeNothingAndAreReported() throws Exception {
        fleet.intend(drained(0));
        agent.once();
        fleet.intend(Intents.begin(start, 0).toBytes(), TestRepository.key());
        assertThat(agent.once().problem())
                .hasValueSatisfying(problem -> assertThat(problem)
                        .contains("what the fleet wants of its nodes")
                        .contains("wrong signature"));
        assertThat(readiness()).isEqualTo(503);
        fleet.intend(new String(Intents.begin(start, 0).toBytes(), StandardCharsets.UTF_8)
                .replace("\"format\": 1", "\"format\": 1, \"shout\": true")
                .getBytes(StandardCharsets.UTF_8));
        assertThat(agent.once().problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("shout"));
        assertThat(readiness()).isEqualTo(503);
        fleet.intend(Intents.begin(start, 0));
        assertThat(agent.once().problem()).isEmpty();
        assertThat(readiness()).isEqualTo(200);
    }

    @Test
    void eachPurgeIsCarriedOutOnceByTheTokenThatNobodyElseMayRead() throws Exception {
        Intents two = Intents.begin(start, 1)
                .purged(new PurgeScope.Project(ProjectName.of("Requests")), true, "ann@desk", start)
                .purged(new PurgeScope.Prefix("acme-"), false, "ann@desk", start);
        fleet.intend(two);
        assertThat(agent.once().steering().orElseThrow().purged()).isEqualTo(2);
        assertThat(node.ask("/purges")).isEqualTo("project=requests&hard=true prefix=acme-");
        agent = node.agent(bucket, () -> now);
        agent.once();
        fleet.intend(two.purged(new PurgeScope.All(), false, "ann@desk", start));
        agent.once();
        assertThat(node.ask("/purges")).isEqualTo("project=requests&hard=true prefix=acme- all=true");
        assertThat(Files.getPosixFilePermissions(node.state().keeperToken()))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aPurgeThatFailsIsTriedUntilItIsDoneAndSaidMeanwhile() throws Exception {
        Path failing = Files.createFile(node.state().keeper().resolve("purges-fail"));
        fleet.intend(Intents.begin(start, 1).purged(new PurgeScope.All(), false, "ann@desk", start));
        NodeReport report = agent.once();
        assertThat(report.condition()).isEqualTo(NodeReport.Condition.HEALTHY);
        assertThat(report.steering().orElseThrow().purgesWaiting()).isEqualTo(1);
        assertThat(report.steering().orElseThrow().purgeProblem())
                .hasValueSatisfying(why -> assertThat(why).contains("500").contains("the disk fails"));
        Files.delete(failing);
        agent = node.agent(bucket, () -> now);
        assertThat(agent.once().steering().orElseThrow().purgesWaiting()).isZero();
        assertThat(node.ask("/purges")).isEqualTo("all=true");
    }

    @Test
    void aPurgeThatIsRefusedForGoodIsSaidAndLetsTheNextOnesThrough() throws Exception {
        Files.writeString(node.state().keeper().resolve("purges-refused"), "prefix=acme-");
        Intents three = Intents.begin(start, 1)
                .purged(new PurgeScope.Prefix("first-"), false, "ann@desk", start)
                .purged(new PurgeScope.Prefix("acme-"), true, "ann@desk", start)
                .purged(new PurgeScope.Prefix("third-"), false, "ann@desk", start);
        fleet.intend(three);
        agent.once();
        assertThat(node.ask("/purges")).isEqualTo("prefix=first- prefix=third-");
        agent = node.agent(bucket, () -> now);
        NodeReport report = agent.once();
        assertThat(node.ask("/purges")).as("it isn't asked again").isEqualTo("prefix=first- prefix=third-");
        assertThat(report.steering().orElseThrow().purged()).isEqualTo(3);
        assertThat(report.steering().orElseThrow().purgesWaiting()).isZero();
        assertThat(report.steering().orElseThrow().purgeProblem().orElseThrow())
                .contains("purge 2", "acme-", "hard", "refused", "400", "no such thing can be purged");
        fleet.intend(Intents.begin(start.plusSeconds(1), 1));
        assertThat(settled().purgeProblem()).as("another series").isEmpty();
    }

    @Test
    void whoMissedPurgesThatAreNoLongerListedAsksForAllPagesAnew() throws Exception {
        Intents many = Intents.begin(start, 1);
        for (int i = 0; i < Intents.MOST_PURGES + 3; i++) {
            many = many.purged(new PurgeScope.Prefix("p" + i), false, "ann@desk", start);
        }
        fleet.intend(many);
        assertThat(agent.once().steering().orElseThrow().purged()).isEqualTo(Intents.MOST_PURGES + 3);
        assertThat(node.ask("/purges")).startsWith("all=true prefix=p3 ").endsWith("prefix=p202");
    }

    @Test
    void aSeriesThatBeginsAnewIsCarriedOutFromItsFirst() throws Exception {
        fleet.intend(Intents.begin(start, 1)
                .purged(new PurgeScope.All(), false, "ann@desk", start)
                .purged(new PurgeScope.All(), false, "ann@desk", start));
        agent.once();
        fleet.intend(Intents.begin(start.plusSeconds(1), 1)
                .purged(new PurgeScope.Prefix("anew-"), false, "ann@desk", start));
        agent.once();
        assertThat(node.ask("/purges")).isEqualTo("all=true all=true prefix=anew-");
    }

    @Test
    void aDrainOnTheNodeNeedsNeitherBucketNorAgentAndEndsAtItsTime() throws Exception {
        bucket.goAway();
        node.state().drain().write(new LocalWish(Optional.of(start.plusSeconds(60)), "disk", "ann", start));
        assertThat(readiness()).isEqualTo(503);
        assertThat(settled().drain()).hasValueSatisfying(who -> assertThat(who).contains("ann on the node"));
        now = start.plusSeconds(60);
        agent.once();
        assertThat(readiness()).isEqualTo(200);
        Files.writeString(node.state().drain().path(), "damaged");
        assertThat(settled().drained()).isTrue();
        assertThat(node.state().drain().remove()).isTrue();
        assertThat(readiness()).isEqualTo(200);
    }

    private Intents failback(Failback.Policy policy, long seconds) {
        return Intents.begin(start, 1).withFailback(new Failback(policy, Duration.ofSeconds(seconds)));
    }

    /** The mirror dies and the agent with it, as a machine does; another one begins. */
    private void die() throws Exception {
        TestNode.kill(node.mirror());
        next();
        assertThat(node.serves("first")).isTrue();
    }

    @Test
    void aNodeWhoseMirrorEndedKeepsAwayUntilItHasServedForAWhile() throws Exception {
        fleet.intend(failback(Failback.Policy.AFTER_SOAK, 60));
        agent.once();
        assertThat(readiness()).as("nothing has ended").isEqualTo(200);
        otherSays(now, 1, false);
        die();
        assertThat(readiness()).isEqualTo(503);
        NodeReport report = agent.once();
        assertThat(report.condition()).isEqualTo(NodeReport.Condition.HEALTHY);
        assertThat(report.steering().orElseThrow().drained()).isTrue();
        assertThat(report.steering().orElseThrow().drain())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("by itself")
                        .contains("no mirror ran when the agent began")
                        .contains("after 60 s of service"));
        now = now.plusSeconds(59);
        otherSays(now, 1, false);
        next();
        assertThat(readiness()).isEqualTo(503);
        now = now.plusSeconds(61);
        otherSays(now, 1, false);
        next();
        now = now.plusSeconds(60);
        agent.once();
        assertThat(readiness()).isEqualTo(200);
        next();
        assertThat(readiness()).as("nor is it away for the next agent").isEqualTo(200);
    }

    @Test
    void withManualFailbackANodeStaysAwayUntilSomethingNewIsSaid() throws Exception {
        Member self = Member.parse("east/east-1");
        Intents manual = failback(Failback.Policy.MANUAL, 0)
                .returned(new Return(self.region(), Optional.empty(), "ann@desk", start));
        fleet.intend(manual);
        agent.once();
        otherSays(now, 1, false);
        die();
        assertThat(readiness())
                .as("what was said before its end is no word of return")
                .isEqualTo(503);
        now = now.plus(Duration.ofHours(5));
        otherSays(now, 1, false);
        next();
        assertThat(readiness()).isEqualTo(503);
        fleet.intend(manual.returned(
                new Return(self.region(), Optional.of(self.node()), "ann@desk", start.minusSeconds(10))));
        agent.once();
        assertThat(readiness()).as("by whatever clock").isEqualTo(200);
    }

    @Test
    void aFleetThatRestartsAsAWholeKeepsNobodyOut() throws Exception {
        fleet.intend(failback(Failback.Policy.MANUAL, 0));
        agent.once();
        otherSays(now, 1, false);
        die();
        assertThat(readiness()).as("by the other one's last word").isEqualTo(503);
        otherSays(now, 1, true);
        next();
        assertThat(readiness()).as("the other one keeps away, too").isEqualTo(200);
        assertThat(agent.once().steering().orElseThrow().drain()).isEmpty();
        otherSays(now, 1, false);
        die();
        assertThat(readiness()).isEqualTo(503);
        now = now.plus(Duration.ofMinutes(2));
        next();
        assertThat(readiness()).as("the other one has not said anything since").isEqualTo(200);
    }

    /** Else the first one that comes back of a fleet that went at once would be left alone with all of its clients. */
    @Test
    void nobodyKeepsAwayWhereLessThanHalfOfTheFleetServes() throws Exception {
        Member third = Member.parse("west/west-2");
        fleet.join(third);
        fleet.join(Member.parse("west/west-3"));
        fleet.publish(2, node.mirror("first", "good"));
        fleet.intend(failback(Failback.Policy.MANUAL, 0));
        agent.once();
        otherSays(now, 1, false);
        die();
        assertThat(readiness()).as("one of the three others serves").isEqualTo(200);
        says(third, now, 1, false);
        die();
        assertThat(readiness()).as("two of the three others serve").isEqualTo(503);
    }

    @Test
    void ofThreeNodesNobodyKeepsAwayUnlessBothOthersServe() throws Exception {
        Member third = Member.parse("west/west-2");
        fleet.join(third);
        fleet.publish(2, node.mirror("first", "good"));
        fleet.intend(failback(Failback.Policy.MANUAL, 0));
        agent.once();
        otherSays(now, 1, false);
        die();
        assertThat(readiness()).as("one of three is less than half").isEqualTo(200);
        says(third, now, 1, false);
        die();
        assertThat(readiness()).as("both others serve").isEqualTo(503);
        says(third, now, 1, true);
        next();
        assertThat(readiness()).as("one of them has gone since").isEqualTo(200);
    }

    @Test
    void aDrainIsNotForgottenByAnAgentThatBeginsWithoutBucketWhileTheNodeKeepsAway() throws Exception {
        fleet.intend(drained(1).withFailback(new Failback(Failback.Policy.MANUAL, Duration.ZERO)));
        agent.once();
        otherSays(now, 1, false);
        next();
        assertThat(readiness()).as("drained").isEqualTo(503);
        die();
        assertThat(readiness()).as("drained, and away").isEqualTo(503);
        bucket.goAway();
        next();
        assertThat(agent.once().steering().orElseThrow().drain())
                .hasValueSatisfying(why -> assertThat(why).contains("by ann@desk"));
        assertThat(readiness())
                .as("nobody keeps away without bucket, and a drain goes on")
                .isEqualTo(503);
    }

    @Test
    void whoCannotFindOutWhetherOthersServeComesBack() throws Exception {
        fleet.intend(failback(Failback.Policy.MANUAL, 0));
        agent.once();
        otherSays(now, 1, false);
        bucket.goAway();
        die();
        assertThat(readiness()).isEqualTo(200);
    }

    @Test
    void aMirrorThatDiesUnderItsAgentComesBackAsOneThatKeepsAway() throws Exception {
        Member self = Member.parse("east/east-1");
        Intents manual = failback(Failback.Policy.MANUAL, 0);
        fleet.intend(manual);
        agent.once();
        otherSays(now, 1, false);
        TestNode.kill(node.mirror());
        var over = new Stop();
        Thread life = Thread.ofVirtual().start(() -> {
            try {
                agent.run(over);
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            await().atMost(TestNode.patience()).until(() -> node.serves("first"));
            assertThat(readiness()).as("it was gone when the agent began").isEqualTo(503);
            otherSays(now, 2, false);
            fleet.intend(manual.returned(new Return(self.region(), Optional.empty(), "ann@desk", start)));
            await().atMost(TestNode.patience()).until(() -> readiness() == 200);
            TestNode.kill(node.mirror());
            await().atMost(TestNode.patience()).until(() -> node.serves("first"));
            assertThat(readiness()).as("it ended while the agent watched").isEqualTo(503);
        } finally {
            over.wish();
            life.join();
        }
    }

    @Test
    void whileItIsPausedANodeTakesUpNothingAndSaysSo() throws Exception {
        node.state().pause().write(new LocalWish(Optional.of(start.plusSeconds(60)), "looking", "ann", start));
        fleet.publish(2, node.mirror("second", "good"));
        NodeReport report = agent.once();
        assertThat(node.serves("first")).isTrue();
        assertThat(report.condition()).isEqualTo(NodeReport.Condition.HEALTHY);
        assertThat(report.steering().orElseThrow().paused())
                .hasValueSatisfying(who -> assertThat(who).contains("looking"));
        now = start.plusSeconds(60);
        agent.once();
        assertThat(node.serves("second")).isTrue();
    }
}
