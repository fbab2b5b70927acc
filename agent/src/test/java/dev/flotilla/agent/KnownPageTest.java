package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mirror that says that it is ready has to serve what the one before served. */
class KnownPageTest {
    private static final URI NO_SERVER = URI.create("http://127.0.0.1:9");
    private static final Sha256 RIGHT = Sha256.of("known".getBytes(StandardCharsets.UTF_8));

    private final MemoryBucket bucket = new MemoryBucket();
    private final TestFleet fleet = new TestFleet(bucket);
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private Path spoiled;
    private TestNode node;
    private Agent agent;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        spoiled = folder.resolve("spoiled");
        node = new TestNode(folder, fleet, NO_SERVER);
        configure("1h", RIGHT);
        agent = node.agent(bucket, now::get);
    }

    @AfterEach
    void end() {
        node.close();
    }

    private void configure(String soak, Sha256 digest) throws IOException {
        node.configure(NO_SERVER, """
                flotilla.agent.proof { soak = %s
                  known { page = "%s", file = "%s", sha256 = %s, interval = 10ms, time-out = 1s } }
                """.formatted(soak, node.address("/name"), node.address("/known"), digest.hex()));
    }

    private NodeReport publish(long version, String name, String known) throws Exception {
        String more = "known = " + known + "\nspoiled-by = " + spoiled + "\n";
        fleet.publish(version, node.mirror(name, "good") + more);
        return agent.once();
    }

    private void commitTheFirst(String known) throws Exception {
        publish(1, "one", known);
        now.updateAndGet(before -> before.plus(Duration.ofHours(1)));
        assertThat(agent.once().release().orElseThrow().state()).isEqualTo(NodeReport.State.COMMITTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"500", "502", "503", "other"})
    void aReadyMirrorThatDoesNotServeWhatTheOneBeforeServedNeverTakesItsPlace(String known) throws Exception {
        commitTheFirst("known");
        long serving = node.mirror();
        NodeReport report = publish(2, "two", known);
        assertThat(report.release().orElseThrow().state()).isEqualTo(NodeReport.State.REVERTED);
        assertThat(report.problem().orElseThrow())
                .contains("release 2 reverted: " + node.address("/known"), known.equals("other") ? "digest" : known);
        assertThat(node.mirror()).isEqualTo(serving);
        assertThat(node.serves("one")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"404", "403", "302"})
    void aReleaseMayWantThatAFileIsGone(String known) throws Exception {
        commitTheFirst("known");
        assertThat(publish(2, "two", known).problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"502", "500", "404"})
    void whatTheOneBeforeCouldNotServeEitherIsNoReasonToGoBack(String known) throws Exception {
        commitTheFirst(known);
        assertThat(publish(2, "two", known).problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void aDigestThatSomebodyWroteDownWronglyIsNoReleasesFault() throws Exception {
        configure("1h", Sha256.of(new byte[0]));
        agent = node.agent(bucket, now::get);
        commitTheFirst("known");
        assertThat(publish(2, "two", "known").problem()).isEmpty();
        agent = node.agent(bucket, now::get);
        now.updateAndGet(before -> before.plus(Duration.ofHours(1)));
        assertThat(agent.once().release().orElseThrow().state()).isEqualTo(NodeReport.State.COMMITTED);
        assertThat(node.serves("two")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"500", "other"})
    void aMirrorThatServesSomethingElseWhileItSoaksIsReplaced(String answer) throws Exception {
        commitTheFirst("known");
        fleet.publish(2, node.mirror("two", "good") + "spoiled-by = " + spoiled + "\n");
        assertThat(agent.once().release().orElseThrow().state()).isEqualTo(NodeReport.State.SOAKING);
        Files.writeString(spoiled, answer);
        now.updateAndGet(before -> before.plus(Duration.ofMinutes(1)));
        NodeReport report = agent.once();
        assertThat(report.problem().orElseThrow())
                .contains("release 2 reverted: while it soaked, " + node.address("/known"));
        assertThat(node.serves("one")).isTrue();
    }

    @Test
    void anUpstreamThatFailsWhileAReleaseSoaksIsNoReasonToGoBack() throws Exception {
        commitTheFirst("known");
        publish(2, "two", "known");
        Files.writeString(spoiled, "502");
        now.updateAndGet(before -> before.plus(Duration.ofHours(1)));
        NodeReport report = agent.once();
        assertThat(report.problem()).isEmpty();
        assertThat(report.release().orElseThrow().state()).isEqualTo(NodeReport.State.COMMITTED);
        assertThat(node.serves("two")).isTrue();
    }

    /** Nobody has named anything, and the mirror says what it gave out last. */
    private NodeReport publishUnnamed(long version, String name, String more) throws Exception {
        fleet.publish(version, node.mirror(name, "good") + "spoiled-by = " + spoiled + "\n" + more + "\n");
        return agent.once();
    }

    private void commitTheFirstUnnamed(String more) throws Exception {
        node.configure(NO_SERVER, "flotilla.agent.proof { soak = 1h, known { interval = 10ms, time-out = 1s } }");
        agent = node.agent(bucket, now::get);
        publishUnnamed(1, "one", more);
        now.updateAndGet(before -> before.plus(Duration.ofHours(1)));
        assertThat(agent.once().release().orElseThrow().state()).isEqualTo(NodeReport.State.COMMITTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"known = 500", "known = other"})
    void whereNothingIsNamedItIsWhatTheMirrorBeforeGaveOutLast(String answer) throws Exception {
        commitTheFirstUnnamed("served = /known");
        long serving = node.mirror();
        NodeReport report = publishUnnamed(2, "two", "served = /known\n" + answer);
        assertThat(report.problem().orElseThrow()).contains("release 2 reverted: " + node.address("/known"));
        assertThat(node.mirror()).isEqualTo(serving);
    }

    @Test
    void aMirrorThatHasGivenOutNothingYetIsHeldToItsPipConf() throws Exception {
        commitTheFirstUnnamed("served = nothing");
        NodeReport report = publishUnnamed(2, "two", "pip-conf = 500");
        assertThat(report.problem().orElseThrow()).contains("release 2 reverted: " + node.address("/pip.conf"));
        assertThat(node.serves("one")).isTrue();
        assertThat(publishUnnamed(3, "three", "").problem()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"502", "503", "504", "404", "403"})
    void whatNobodyNamedSpeaksAgainstNobodyWhereUpstreamMayBeToBlame(String answer) throws Exception {
        commitTheFirstUnnamed("served = /known");
        assertThat(publishUnnamed(2, "two", "known = " + answer).problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void aMirrorThatDoesNotSayWhatItServesIsHeldToItsReadinessAlone() throws Exception {
        commitTheFirstUnnamed("");
        assertThat(publishUnnamed(2, "two", "known = 500\npip-conf = 500").problem())
                .isEmpty();
    }

    @Test
    void whoeverWantsNothingChosenSaysSo() throws Exception {
        commitTheFirstUnnamed("served = /known");
        node.configure(NO_SERVER, "flotilla.agent.proof.known.choose = false");
        agent = node.agent(bucket, now::get);
        assertThat(publishUnnamed(2, "two", "known = 500").problem()).isEmpty();
    }

    @Test
    void anAgentThatBeginsWhileAReleaseSoaksChoosesThenAndHoldsTheMirrorToItself() throws Exception {
        commitTheFirstUnnamed("served = /known");
        assertThat(publishUnnamed(2, "two", "served = /known").problem()).isEmpty();
        agent = node.agent(bucket, now::get);
        assertThat(agent.once().release().orElseThrow().state()).isEqualTo(NodeReport.State.SOAKING);
        Files.writeString(spoiled, "other");
        now.updateAndGet(before -> before.plus(Duration.ofMinutes(1)));
        assertThat(agent.once().problem().orElseThrow())
                .contains("release 2 reverted: while it soaked, " + node.address("/known") + " has the digest");
    }
}
