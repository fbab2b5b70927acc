package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.TestRepository;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with a real mirror process, and the indexes of wheels that its fleet has signed. */
class WheelIndexesTest {
    private static final URI NO_SERVER = URI.create("http://127.0.0.1:9");
    private static final String DEBIAN = "debian-12-x86_64";
    private static final String UBUNTU = "ubuntu-24.04-x86_64";
    private static final Map<String, String> FIRST = Map.of(DEBIAN + "/index.json", "first");

    private final MemoryBucket bucket = new MemoryBucket();
    private final TestFleet fleet = new TestFleet(bucket);
    private Duration ahead = Duration.ZERO;
    private TestNode node;
    private Agent agent;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        node = new TestNode(folder, fleet, NO_SERVER);
        agent = begun();
        fleet.publish(1, node.mirror("one", "good"));
        fleet.wheels(Map.of(DEBIAN, "first"));
        assertThat(said().problem()).isEmpty();
        assertThat(node.wheels()).isEqualTo(FIRST);
    }

    @AfterEach
    void end() {
        node.close();
    }

    private Agent begun() throws Exception {
        return node.agent(bucket, () -> Instant.now().plus(ahead));
    }

    /** What the node says after a cycle: whatever becomes of wheels, its release is as it should be. */
    private NodeReport.Wheels said() throws Exception {
        NodeReport report = agent.once();
        assertThat(report.problem()).isEmpty();
        assertThat(report.condition()).isEqualTo(NodeReport.Condition.HEALTHY);
        assertThat(node.serves("one")).isTrue();
        return report.wheels().orElseThrow();
    }

    private void refused(String why) throws Exception {
        assertThat(said().problem().orElseThrow()).contains(why);
        assertThat(node.wheels()).isEqualTo(FIRST);
    }

    @Test
    void whatIsSignedIsThereAndWhatIsNoLongerSignedIsGone() throws Exception {
        fleet.wheels(Map.of(DEBIAN, "second", UBUNTU, "other"));
        NodeReport.Wheels wheels = said();
        assertThat(node.wheels()).isEqualTo(Map.of(DEBIAN + "/index.json", "second", UBUNTU + "/index.json", "other"));
        assertThat(wheels.version()).isEqualTo(2);
        assertThat(wheels.indexes().keySet()).map(Object::toString).containsExactly(DEBIAN, UBUNTU);
        fleet.wheels(Map.of(UBUNTU, "other"));
        assertThat(said().indexes().keySet()).map(Object::toString).containsExactly(UBUNTU);
        assertThat(node.wheels()).isEqualTo(Map.of(UBUNTU + "/index.json", "other"));
        fleet.wheels(Map.of());
        assertThat(said().indexes()).isEmpty();
        assertThat(node.wheels()).isEmpty();
    }

    @Test
    void withoutNewsNothingIsAskedAndNothingIsWritten() throws Exception {
        var index = node.state().wheels().resolve(DEBIAN).resolve("index.json");
        var lies = Files.getLastModifiedTime(index);
        agent = begun();
        bucket.takeQuestions();
        said();
        assertThat(bucket.takeQuestions()).containsExactly("metadata/2.root.json", "metadata/timestamp.json");
        assertThat(Files.getLastModifiedTime(index)).isEqualTo(lies);
    }

    @Test
    void whatSomebodyDamagedOrRemovedComesBack() throws Exception {
        var home = node.state().wheels().resolve(DEBIAN);
        Files.writeString(home.resolve("index.json"), "damaged");
        Files.writeString(home.resolve("left.tmp"), "left");
        Files.createDirectories(node.state().wheels().resolve("nobody-1-x86_64"));
        agent = begun();
        said();
        assertThat(node.wheels()).isEqualTo(FIRST);
        assertThat(node.state().wheels().resolve("nobody-1-x86_64")).doesNotExist();
    }

    @Test
    void whatAnotherKeySignedIsRefused() throws Exception {
        fleet.wheels(Map.of(DEBIAN, "forged"), TestRepository.key());
        refused("wrong signature");
    }

    @Test
    void anotherFileUnderTheNameOfAnIndexIsRefusedAndTheOtherPlatformsGoOn() throws Exception {
        fleet.wheels(Map.of(DEBIAN, "other", UBUNTU, "good"));
        fleet.put(TestFleet.wheelsKey(DEBIAN, "other"), "swaps".getBytes(StandardCharsets.UTF_8));
        assertThat(said().problem().orElseThrow()).contains(DEBIAN).contains("wrong digest");
        assertThat(node.wheels()).isEqualTo(Map.of(DEBIAN + "/index.json", "first", UBUNTU + "/index.json", "good"));
    }

    @Test
    void anEndlessIndexIsNotReadToItsEnd() throws Exception {
        fleet.wheels(Map.of(DEBIAN, "short"));
        fleet.put(TestFleet.wheelsKey(DEBIAN, "short"), new byte[1 << 20]);
        refused("is larger than");
    }

    @Test
    void whatIsLargerThanTheLimitsAllowIsRefused() throws Exception {
        node.configure(NO_SERVER, "flotilla.agent.limits { wheel-index = 1 KiB, wheel-platforms = 1 }");
        agent = begun();
        fleet.wheels(Map.of(DEBIAN, "x".repeat(1025)));
        refused("limits.wheel-index");
        fleet.wheels(Map.of(DEBIAN, "one", UBUNTU, "two"));
        refused("limits.wheel-platforms");
    }

    @Test
    void aDiskWithoutRoomKeepsWhatItHas() throws Exception {
        node.configure(NO_SERVER, "flotilla.agent.limits.free-space = 900000 GiB");
        agent = begun();
        fleet.wheels(Map.of(DEBIAN, "second"));
        refused("limits.free-space");
    }

    @Test
    void whatIsNotInTheBucketYetComesWithALaterPoll() throws Exception {
        fleet.wheels(Map.of(DEBIAN, "second"));
        var key = TestFleet.wheelsKey(DEBIAN, "second");
        bucket.remove(key);
        refused("there is no " + key);
        fleet.put(key, "second".getBytes(StandardCharsets.UTF_8));
        agent = begun();
        assertThat(said().problem()).isEmpty();
        assertThat(node.wheels()).isEqualTo(Map.of(DEBIAN + "/index.json", "second"));
    }

    @Test
    void whatHasExpiredStaysAndTheNodeSaysSo() throws Exception {
        // The release, its snapshot and its timestamp are renewed; what the role for wheels says isn't.
        ahead = Duration.ofDays(301);
        fleet.repository().at(Instant.now().plus(ahead));
        fleet.repository().publishRoot();
        fleet.repository().publishTargets(signed -> signed, fleet.repository().keys(Role.TARGETS));
        fleet.repository().publishSnapshot();
        fleet.repository().publishTimestamp();
        fleet.upload();
        NodeReport.Wheels wheels = said();
        assertThat(wheels.problem().orElseThrow()).contains("expired: wheels 1");
        assertThat(wheels.expires().orElseThrow()).isBefore(Instant.now().plus(ahead));
        assertThat(node.wheels()).isEqualTo(FIRST);
        // An agent that begins knows it from nobody, and leaves it likewise.
        agent = begun();
        assertThat(said().problem().orElseThrow()).contains("expired: wheels 1");
        assertThat(node.wheels()).isEqualTo(FIRST);
    }

    @Test
    void aBucketThatIsAwayChangesNothing() throws Exception {
        agent = begun();
        bucket.goAway();
        assertThat(agent.once().wheels()).isEqualTo(Optional.empty());
        assertThat(node.wheels()).isEqualTo(FIRST);
    }
}
