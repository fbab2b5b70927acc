package dev.flotilla.controller.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.controller.dns.DnsDrains;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Fleets;
import dev.flotilla.controller.dns.HealthCheck;
import dev.flotilla.controller.dns.MemoryZone;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose a held check is, when a drill holds and releases them and an operator does, too. */
class HealthOutageTest {
    private static final Set<NodeId> ALL = Fleets.ids("east/east-1", "east/east-2", "west/west-1");
    private static final List<NodeId> EAST =
            Fleets.ids("east/east-1", "east/east-2").stream().sorted().toList();
    private static final Set<NodeId> SECOND = Fleets.ids("east/east-2");
    private static final DrillRecord RECORD = new DrillRecord(
            "a-drill",
            new FleetName("acme"),
            new RegionName("east"),
            DrillMode.HEALTH_FAIL,
            "ann",
            Instant.parse("2026-11-22T03:00:00Z"),
            Optional.empty(),
            false);

    @TempDir
    Path folder;

    private final MemoryZone zone = new MemoryZone();
    private DnsDrains drains;

    @BeforeEach
    void aFleetInDns() throws Exception {
        var fleet = new Fleets(folder)
                .node("east", "east-1", "192.0.2.1")
                .node("east", "east-2", "192.0.2.2")
                .node("west", "west-1", "192.0.2.3")
                .build();
        var dns = new FleetDns(fleet, zone, FleetDns.Timing.USUAL, () -> 0, time -> {}, Fence.ALONE, line -> {});
        assertThat(dns.bring(ALL)).isInstanceOf(FleetDns.Outcome.Applied.class);
        drains = dns.drains();
    }

    private HealthOutage outage(DrillRecord record) {
        return new HealthOutage(drains, EAST, record.holds(), ALL);
    }

    private List<String> held() {
        return zone.allChecks().stream()
                .filter(HealthCheck::held)
                .map(check -> check.settings().orElseThrow().address().toString())
                .sorted()
                .toList();
    }

    @Test
    void whatItHoldsItReleasesAsOftenAsItIsTold() throws Exception {
        HealthOutage outage = outage(RECORD);
        outage.prepare(RECORD);
        outage.begin();
        assertThat(held()).containsExactly("192.0.2.1", "192.0.2.2");
        outage.end();
        outage.end();
        assertThat(held()).isEmpty();
    }

    @Test
    void whatAnOperatorHeldBeforeStaysHeld() throws Exception {
        drains.drain(SECOND, ALL);
        HealthOutage outage = outage(RECORD);
        outage.prepare(RECORD);
        outage.begin();
        outage.end();
        assertThat(held()).containsExactly("192.0.2.2");
    }

    @Test
    void whatAnOperatorDrainsMeanwhileStaysHeldThoughItWasAlready() throws Exception {
        HealthOutage outage = outage(RECORD);
        outage.prepare(RECORD);
        outage.begin();
        assertThat(drains.drain(SECOND, ALL)).isEqualTo(new DnsDrains.Outcome.Done(List.of()));
        outage.end();
        assertThat(held()).containsExactly("192.0.2.2");
    }

    @Test
    void whatAnOperatorReleasesMeanwhileAndHoldsAgainStaysHeld() throws Exception {
        HealthOutage outage = outage(RECORD);
        outage.prepare(RECORD);
        outage.begin();
        drains.undrain(SECOND, ALL);
        drains.drain(SECOND, ALL);
        outage.end();
        assertThat(held()).containsExactly("192.0.2.2");
    }

    @Test
    void ofADrillThatWasKilledTheRecordTellsWhatToRelease() throws Exception {
        HealthOutage killed = outage(RECORD);
        DrillRecord written = killed.prepare(RECORD);
        killed.begin();
        drains.drain(SECOND, ALL);
        outage(DrillRecord.parse(written.toBytes())).end();
        assertThat(held()).containsExactly("192.0.2.2");
    }

    @Test
    void aRecordThatSaysNothingOfItReleasesAllAsTheDrillOfBeforeDid() throws Exception {
        drains.drain(EAST, ALL);
        outage(DrillRecord.parse(RECORD.toBytes())).end();
        assertThat(held()).isEmpty();
    }

    @Test
    void whoeverWasFasterIsNotWrittenOver() throws Exception {
        HealthOutage outage = outage(RECORD);
        outage.prepare(RECORD);
        drains.drain(SECOND, ALL);
        assertThatThrownBy(outage::begin)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("somebody else has changed the health check of east/east-2");
        outage.end();
        assertThat(held()).containsExactly("192.0.2.2");
    }

    @Test
    void anOperatorsDrainBetweenADrillsLookAndItsOwnHoldIsNotTakenForItsOwn() throws Exception {
        HealthOutage outage = outage(RECORD);
        outage.prepare(RECORD);
        zone.beforeHold(() -> operatorDrains(EAST.subList(0, 1)));
        assertThatThrownBy(outage::begin)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("somebody else has changed the health check of east/east-1");
        outage.end();
        assertThat(held()).containsExactly("192.0.2.1");
    }

    private void operatorDrains(List<NodeId> nodes) {
        try {
            assertThat(drains.drain(nodes, ALL)).isEqualTo(new DnsDrains.Outcome.Done(nodes));
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    @Test
    void aCallWhoseAnswerWasLostCountsOnce() throws Exception {
        zone.loseAnswers();
        HealthOutage outage = outage(RECORD);
        outage.prepare(RECORD);
        outage.begin();
        outage.end();
        assertThat(held()).isEmpty();
    }
}
