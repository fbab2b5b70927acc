package dev.flotilla.controller.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.controller.dns.FleetDns.Outcome;
import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetDnsTest {
    @TempDir
    Path folder;

    private final MemoryZone zone = new MemoryZone();

    private FleetConfiguration twoRegions() {
        return new Fleets(folder)
                .node("east", "east-1", "192.0.2.1")
                .node("west", "west-1", "192.0.2.2")
                .build();
    }

    private FleetDns dns(FleetConfiguration fleet) {
        return new FleetDns(fleet, zone, FleetDns.Timing.USUAL, () -> 0, duration -> {}, Fence.ALONE, line -> {});
    }

    private Outcome bring(FleetConfiguration fleet, String... serving) throws IOException, InterruptedException {
        return dns(fleet).bring(Fleets.ids(serving));
    }

    private List<String> addresses(String name) {
        return zone.all().stream()
                .filter(set -> set.name().value().equals(name))
                .flatMap(set ->
                        set.content() instanceof Content.Values values ? values.values().stream() : Stream.empty())
                .toList();
    }

    private static RecordSet simple(String name, String type, String value) {
        return new RecordSet(
                new DnsName(name),
                type,
                Optional.empty(),
                new Routing.Simple(),
                new Content.Values(Duration.ofMinutes(5), List.of(value)),
                Optional.empty());
    }

    @Test
    void aSecondApplyChangesNothing() throws Exception {
        assertThat(bring(twoRegions(), "east/east-1", "west/west-1")).isInstanceOf(Outcome.Applied.class);
        var before = zone.all();
        assertThat(bring(twoRegions(), "east/east-1", "west/west-1")).isEqualTo(new Outcome.Unchanged(List.of()));
        assertThat(zone.all()).isEqualTo(before);
        assertThat(zone.batches()).hasSize(1);
        assertThat(zone.allChecks()).hasSize(2);
    }

    @Test
    void anotherPolicyTakesThePlaceOfTheOldOneWithinOneBatch() throws Exception {
        String[] all = {"alpha/alpha-1", "bravo/bravo-1", "charlie/charlie-1"};
        for (String policy :
                List.of("failover", "latency", "weighted", "latency", "failover", "weighted", "failover")) {
            assertThat(bring(threeRegions(policy), all)).isInstanceOf(Outcome.Applied.class);
            assertThat(bring(threeRegions(policy), all)).isInstanceOf(Outcome.Unchanged.class);
            Set<Class<?>> kinds = zone.all().stream()
                    .filter(set -> set.name().value().equals("mirror.example.org"))
                    .map(set -> set.routing().getClass())
                    .collect(Collectors.toSet());
            assertThat(kinds)
                    .containsExactly(
                            switch (policy) {
                                case "latency" -> Routing.Latency.class;
                                case "weighted" -> Routing.Weighted.class;
                                default -> Routing.Failover.class;
                            });
        }
        assertThat(zone.batches()).hasSize(7);
    }

    /** No two latency records of a name may have the same region of AWS, not for a moment either. */
    @Test
    void regionsThatSwapTheirRegionsOfAwsDoSoInOneBatch() throws Exception {
        String[] all = {"alpha/alpha-1", "bravo/bravo-1", "charlie/charlie-1"};
        bring(places("us-east-1", "eu-west-1", "sa-east-1"), all);
        for (List<String> next : List.of(
                List.of("eu-west-1", "us-east-1", "sa-east-1"),
                List.of("us-east-1", "sa-east-1", "eu-west-1"),
                List.of("sa-east-1", "ap-south-1", "us-east-1"))) {
            int before = zone.batches().size();
            assertThat(bring(places(next.toArray(String[]::new)), all)).isInstanceOf(Outcome.Applied.class);
            assertThat(zone.batches()).hasSize(before + 1);
            assertThat(zone.all().stream()
                            .filter(set -> set.name().value().equals("mirror.example.org"))
                            .map(set -> ((Content.Alias) set.content()).target() + " "
                                    + ((Routing.Latency) set.routing()).awsRegion()))
                    .containsExactlyInAnyOrder(
                            "nodes.alpha.mirror.example.org " + next.get(0),
                            "nodes.bravo.mirror.example.org " + next.get(1),
                            "nodes.charlie.mirror.example.org " + next.get(2));
            assertThat(bring(places(next.toArray(String[]::new)), all)).isInstanceOf(Outcome.Unchanged.class);
        }
    }

    private FleetConfiguration places(String... aws) {
        return new Fleets(folder)
                .dns("policy = latency")
                .region("alpha", "aws-region = " + aws[0])
                .region("bravo", "aws-region = " + aws[1])
                .region("charlie", "aws-region = " + aws[2])
                .node("alpha", "alpha-1", "192.0.2.1")
                .node("bravo", "bravo-1", "192.0.2.2")
                .node("charlie", "charlie-1", "192.0.2.3")
                .build();
    }

    private FleetConfiguration threeRegions(String policy) {
        return new Fleets(folder)
                .dns("policy = " + policy)
                .region("alpha", "aws-region = us-east-1")
                .region("bravo", "aws-region = eu-west-1")
                .region("charlie", "aws-region = sa-east-1")
                .node("alpha", "alpha-1", "192.0.2.1")
                .node("bravo", "bravo-1", "192.0.2.2")
                .node("charlie", "charlie-1", "192.0.2.3")
                .build();
    }

    private static RecordSet plain(String name, String type, String... values) {
        return new RecordSet(
                new DnsName(name),
                type,
                Optional.empty(),
                new Routing.Simple(),
                new Content.Values(Duration.ofMinutes(5), List.of(values)),
                Optional.empty());
    }

    private Outcome adopt(Set<NodeId> serving, String... names) throws Exception {
        return dns(twoRegions())
                .adopting(Stream.of(names).map(DnsName::new).collect(Collectors.toSet()))
                .bring(serving);
    }

    @Test
    void othersRecordsAreTakenOverNameByNameInOneStepAndOnlyWhereThatIsSaid() throws Exception {
        Set<NodeId> all = Fleets.ids("east/east-1", "west/west-1");
        RecordSet global = plain("mirror.example.org", "A", "198.51.100.1", "198.51.100.2");
        RecordSet mail = plain("mirror.example.org", "MX", "10 mail.example.org.");
        RecordSet region = plain("east.mirror.example.org", "CNAME", "old.example.net.");
        List.of(global, region).forEach(zone::put);
        assertThat(bring(twoRegions(), "east/east-1", "west/west-1")).isInstanceOf(Outcome.Applied.class);
        assertThat(zone.all()).as("unsaid").contains(global, region);
        assertThat(((DnsPlan.Planning.Planned) dns(twoRegions()).plan(all))
                        .plan()
                        .conflicts())
                .anySatisfy(conflict -> assertThat(conflict)
                        .contains("mirror.example.org A is left alone")
                        .contains("--adopt mirror.example.org"));

        zone.put(mail);
        var planned = (DnsPlan.Planning.Planned)
                dns(twoRegions()).adopting(Set.of(global.name())).plan(all);
        assertThat(planned.plan().changeLines())
                .contains("- " + global)
                .noneMatch(line -> line.contains("old.example"));
        int before = zone.batches().size();
        assertThat(adopt(all, "mirror.example.org")).isInstanceOf(Outcome.Applied.class);
        assertThat(zone.batches()).as("all of it at once").hasSize(before + 1);
        assertThat(zone.all()).contains(region, mail).doesNotContain(global);
        assertThat(zone.all())
                .anyMatch(
                        set -> set.name().equals(global.name()) && set.routing().equals(new Routing.Failover(true)));

        assertThat(adopt(all, "mirror.example.org", "east.mirror.example.org")).isInstanceOf(Outcome.Applied.class);
        assertThat(zone.all()).contains(mail).doesNotContain(region);
        assertThat(zone.all())
                .anyMatch(set -> set.name().equals(region.name()) && set.type().equals("A"));
        assertThat(bring(twoRegions(), "east/east-1", "west/west-1")).isInstanceOf(Outcome.Unchanged.class);
    }

    @Test
    void nothingIsTakenOverByNobodyNorInPartsNorWhatCouldNotBePutBack() throws Exception {
        RecordSet global = plain("mirror.example.org", "A", "198.51.100.1");
        zone.put(global);
        adopt(Set.of(), "mirror.example.org");
        assertThat(zone.all()).as("nobody serves").contains(global);
        adopt(Fleets.ids("east/east-1"), "west.mirror.example.org");
        assertThat(zone.all()).as("another name").contains(global);

        zone.remove(global);
        var weighted = new RecordSet(
                global.name(), "A", Optional.of("theirs"), new Routing.Weighted(1), global.content(), Optional.empty());
        zone.put(weighted);
        adopt(Fleets.ids("east/east-1"), "mirror.example.org");
        assertThat(zone.all()).as("one of a policy").contains(weighted);
        zone.remove(weighted);

        zone.put(global);
        var few = new FleetDns(
                twoRegions(),
                zone,
                FleetDns.Timing.USUAL,
                () -> 0,
                duration -> {},
                Fence.ALONE,
                line -> {},
                new BatchLimits(2, 31_000));
        List<RecordSet> before = zone.all();
        assertThat(few.adopting(Set.of(global.name())).bring(Fleets.ids("east/east-1", "west/west-1")))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains("in one batch"));
        assertThat(zone.all()).isEqualTo(before);
        assertThatThrownBy(() -> few.adopting(Set.of(new DnsName("www.example.org"))))
                .hasMessageContaining("is no name of this fleet");
    }

    @Test
    void nothingLeavesWhileFewerThanTheMinimumServe() throws Exception {
        bring(threeRegions("failover"), "alpha/alpha-1", "bravo/bravo-1", "charlie/charlie-1");
        FleetConfiguration two = new Fleets(folder)
                .fleet("minimum-serving = 2")
                .node("alpha", "alpha-1", "192.0.2.1")
                .node("bravo", "bravo-1", "192.0.2.2")
                .build();
        assertThat(bring(two, "alpha/alpha-1"))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason())
                                .contains("takes 1 out of DNS")
                                .contains("only 1 serve: minimum-serving is 2"));
        assertThat(addresses("nodes.charlie.mirror.example.org")).containsExactly("192.0.2.3");
        DnsDrains drains = dns(threeRegions("failover")).drains();
        drains.drain(Fleets.ids("bravo/bravo-1"), Fleets.ids("alpha/alpha-1", "bravo/bravo-1", "charlie/charlie-1"));
        assertThat(bring(two, "alpha/alpha-1", "bravo/bravo-1"))
                .as("no client is led to one that is drained through DNS")
                .isInstanceOf(Outcome.Refused.class);
        drains.undrain(Fleets.ids("bravo/bravo-1"), Fleets.ids("bravo/bravo-1"));
        assertThat(bring(two, "alpha/alpha-1", "bravo/bravo-1")).isInstanceOf(Outcome.Applied.class);
        assertThat(addresses("nodes.charlie.mirror.example.org")).isEmpty();
    }

    @Test
    void aDrainThroughDnsHoldsChecksAndChangesNoRecordAndAPlanSaysSo() throws Exception {
        bring(twoRegions(), "east/east-1", "west/west-1");
        List<RecordSet> records = zone.all();
        DnsDrains drains = dns(twoRegions()).drains();
        assertThat(drains.drain(Fleets.ids("east/east-1"), Fleets.ids("east/east-1", "west/west-1")))
                .isEqualTo(new DnsDrains.Outcome.Done(List.copyOf(Fleets.ids("east/east-1"))));
        assertThat(drains.drain(Fleets.ids("east/east-1"), Fleets.ids("east/east-1", "west/west-1")))
                .as("again")
                .isEqualTo(new DnsDrains.Outcome.Done(List.of()));
        assertThat(zone.all()).isEqualTo(records);
        assertThat(zone.allChecks().stream().filter(HealthCheck::held)).hasSize(1);
        assertThat(dns(twoRegions()).health())
                .containsEntry(
                        Fleets.ids("east/east-1").iterator().next(),
                        new Zone.HealthState.Unhealthy("drained through DNS"));

        assertThat(bring(twoRegions(), "east/east-1", "west/west-1"))
                .as("no apply ends it")
                .isEqualTo(new Outcome.Unchanged(
                        List.of("east/east-1 is drained through DNS: its health check says unhealthy whatever it does."
                                + " To end it: flotilla undrain east/east-1 --through-dns")));

        assertThat(drains.undrain(Fleets.ids("east/east-1"), Fleets.ids("west/west-1")))
                .isInstanceOfSatisfying(
                        DnsDrains.Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).startsWith("east/east-1 doesn't serve"));
        assertThat(drains.undrain(Fleets.ids("east/east-1"), Fleets.ids("east/east-1", "west/west-1")))
                .isInstanceOf(DnsDrains.Outcome.Done.class);
        assertThat(zone.allChecks()).noneMatch(HealthCheck::held);
        assertThat(bring(twoRegions(), "east/east-1", "west/west-1")).isEqualTo(new Outcome.Unchanged(List.of()));
    }

    @Test
    void aDrainedNodeWhoseAddressHasChangedIsLedToAgainOnlyWhereItIsKnownToServe() throws Exception {
        bring(twoRegions(), "east/east-1", "west/west-1");
        Set<NodeId> all = Fleets.ids("east/east-1", "west/west-1");
        assertThat(dns(twoRegions()).drains().drain(Fleets.ids("east/east-1"), all))
                .isInstanceOf(DnsDrains.Outcome.Done.class);
        var moved = new Fleets(folder)
                .node("east", "east-1", "192.0.2.101")
                .node("west", "west-1", "192.0.2.2")
                .build();
        assertThat(bring(moved, "east/east-1", "west/west-1")).isInstanceOf(Outcome.Unchanged.class);
        assertThat(dns(moved).drains().undrain(Fleets.ids("east/east-1"), all))
                .as("it serves at the new address, and DNS has the old one")
                .isInstanceOfSatisfying(
                        DnsDrains.Outcome.Refused.class,
                        refused -> assertThat(refused.reason())
                                .startsWith("east/east-1 is in DNS at 192.0.2.1, and in ")
                                .contains(" at 192.0.2.101: ")
                                .contains("put that address back"));
        assertThat(zone.allChecks().stream().filter(HealthCheck::held)).hasSize(1);
        assertThat(dns(moved).drains().undrain(Fleets.ids("west/west-1"), all))
                .as("another's address is its own matter")
                .isEqualTo(new DnsDrains.Outcome.Done(List.of()));

        // The first way that it says.
        assertThat(dns(twoRegions()).drains().undrain(Fleets.ids("east/east-1"), all))
                .isEqualTo(new DnsDrains.Outcome.Done(List.copyOf(Fleets.ids("east/east-1"))));
        assertThat(dns(twoRegions()).drains().drain(Fleets.ids("east/east-1"), all))
                .isInstanceOf(DnsDrains.Outcome.Done.class);
        // The second.
        var without = new Fleets(folder).node("west", "west-1", "192.0.2.2").build();
        assertThat(bring(without, "west/west-1")).isInstanceOf(Outcome.Applied.class);
        assertThat(bring(moved, "east/east-1", "west/west-1")).isInstanceOf(Outcome.Applied.class);
        assertThat(addresses("nodes.east.mirror.example.org")).containsExactly("192.0.2.101");
        assertThat(zone.allChecks()).hasSize(2).noneMatch(HealthCheck::held);
    }

    @Test
    void aDrainThroughDnsLeavesSoManyAsHaveToServe() throws Exception {
        bring(threeRegions("failover"), "alpha/alpha-1", "bravo/bravo-1");
        DnsDrains drains = dns(threeRegions("failover")).drains();
        Set<NodeId> all = Fleets.ids("alpha/alpha-1", "bravo/bravo-1", "charlie/charlie-1");
        assertThat(drains.drain(Fleets.ids("alpha/alpha-1", "bravo/bravo-1"), all))
                .as("charlie serves and isn't in DNS")
                .isInstanceOfSatisfying(
                        DnsDrains.Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains("0 serve, and minimum-serving is 1"));
        assertThat(drains.drain(Fleets.ids("alpha/alpha-1"), Fleets.ids("alpha/alpha-1")))
                .as("bravo is dead")
                .isInstanceOf(DnsDrains.Outcome.Refused.class);
        assertThat(drains.drain(Fleets.ids("alpha/alpha-1"), all)).isInstanceOf(DnsDrains.Outcome.Done.class);
        assertThat(drains.drain(Fleets.ids("bravo/bravo-1"), all))
                .as("alpha is drained")
                .isInstanceOf(DnsDrains.Outcome.Refused.class);
        assertThat(drains.drain(Fleets.ids("charlie/charlie-1"), Set.of()))
                .isInstanceOf(DnsDrains.Outcome.Refused.class);
    }

    @Test
    void aNodeEntersDnsOnlyOnceItServes() throws Exception {
        bring(twoRegions(), "east/east-1");
        assertThat(addresses("nodes.east.mirror.example.org")).containsExactly("192.0.2.1");
        assertThat(addresses("nodes.west.mirror.example.org")).isEmpty();
        assertThat(zone.allChecks()).hasSize(1);
        bring(twoRegions(), "east/east-1", "west/west-1");
        assertThat(addresses("nodes.west.mirror.example.org")).containsExactly("192.0.2.2");
    }

    @Test
    void aNodeThatIsInDnsStaysWhileItDoesNotServe() throws Exception {
        bring(twoRegions(), "east/east-1", "west/west-1");
        var before = zone.all();
        assertThat(bring(twoRegions(), "west/west-1")).isEqualTo(new Outcome.Unchanged(List.of()));
        assertThat(bring(twoRegions())).isEqualTo(new Outcome.Unchanged(List.of()));
        assertThat(zone.all()).isEqualTo(before);
    }

    @Test
    void nothingServesYetMeansNothingToDo() throws Exception {
        assertThat(bring(twoRegions())).isEqualTo(new Outcome.Unchanged(List.of()));
        assertThat(zone.all()).isEmpty();
    }

    @Test
    void aChangeThatWouldEmptyTheNamesIsRefused() throws Exception {
        bring(twoRegions(), "east/east-1", "west/west-1");
        var before = zone.all();
        var others = new Fleets(folder)
                .node("north", "north-1", "192.0.2.8")
                .node("south", "south-1", "192.0.2.9")
                .build();
        assertThat(bring(others)).asString().contains("would leave mirror.example.org without an address");
        assertThat(zone.all()).isEqualTo(before);
        assertThat(bring(others, "south/south-1")).isInstanceOf(Outcome.Applied.class);
        assertThat(addresses("nodes.south.mirror.example.org")).containsExactly("192.0.2.9");
        assertThat(zone.all()).noneMatch(set -> set.name().value().contains("east"));
        assertThat(zone.allChecks()).hasSize(1);
    }

    @Test
    void aNodesNewAddressTakesOverOnlyWhenItServesThere() throws Exception {
        bring(twoRegions(), "east/east-1", "west/west-1");
        var moved = new Fleets(folder)
                .node("east", "east-1", "192.0.2.101")
                .node("west", "west-1", "192.0.2.2")
                .build();
        assertThat(bring(moved, "west/west-1")).isEqualTo(new Outcome.Unchanged(List.of()));
        assertThat(addresses("nodes.east.mirror.example.org")).containsExactly("192.0.2.1");
        bring(moved, "east/east-1", "west/west-1");
        assertThat(addresses("nodes.east.mirror.example.org")).containsExactly("192.0.2.101");
        assertThat(zone.allChecks())
                .extracting(check -> check.settings().orElseThrow().address().toString())
                .containsExactlyInAnyOrder("192.0.2.101", "192.0.2.2");
    }

    @Test
    void otherCheckSettingsMeanANewCheckAndTheOldOneGoes() throws Exception {
        bring(twoRegions(), "east/east-1", "west/west-1");
        var slower = new Fleets(folder)
                .dns("check-threshold = 7")
                .node("east", "east-1", "192.0.2.1")
                .node("west", "west-1", "192.0.2.2")
                .build();
        bring(slower, "east/east-1", "west/west-1");
        assertThat(zone.allChecks())
                .hasSize(2)
                .allMatch(check -> check.settings().orElseThrow().threshold() == 7);
        bring(twoRegions(), "east/east-1", "west/west-1");
        assertThat(zone.allChecks())
                .as("the references of the deleted checks stay taken, the next generation is not")
                .hasSize(2)
                .allMatch(check -> check.settings().orElseThrow().threshold() == 3)
                .allMatch(check -> check.reference().endsWith(":2"));
    }

    private FleetConfiguration checkedBy(String protocol) {
        return new Fleets(folder)
                .fleet("mirror { tls { port = 8443 } }, minimum-serving = 1")
                .dns("check-protocol = " + protocol)
                .node("east", "east-1", "192.0.2.1")
                .node("north", "north-1", "192.0.2.2")
                .node("west", "west-1", "192.0.2.3")
                .build();
    }

    /** The type of a check can't be changed (API Reference, HealthCheckConfig, Type). */
    @Test
    void checksByHttpsTakeThePlaceOfThoseByHttpWhereNodesServeAndNoDrainEnds() throws Exception {
        String[] all = {"east/east-1", "north/north-1", "west/west-1"};
        bring(checkedBy("http"), all);
        List<String> before =
                zone.allChecks().stream().map(HealthCheck::id).sorted().toList();
        assertThat(dns(checkedBy("http")).drains().drain(Fleets.ids("east/east-1"), Fleets.ids(all)))
                .isInstanceOf(DnsDrains.Outcome.Done.class);

        var planned = (DnsPlan.Planning.Planned) dns(checkedBy("https")).plan(Fleets.ids("east/east-1", "west/west-1"));
        assertThat(planned.plan().changeLines())
                .first()
                .isEqualTo("+ check https://192.0.2.3:8443/readyz as west.mirror.example.org every 10 s");
        assertThat(planned.plan().changeLines()).last().asString().startsWith("- check ");
        assertThat(planned.plan().changeLines()).hasSize(3);
        assertThat(bring(checkedBy("https"), "east/east-1", "west/west-1")).isInstanceOf(Outcome.Applied.class);
        assertThat(secured())
                .as("east is drained, and north doesn't serve")
                .containsExactly("192.0.2.3 west.mirror.example.org:8443");
        assertThat(zone.allChecks().stream().filter(HealthCheck::held)).hasSize(1);

        assertThat(dns(checkedBy("https")).drains().undrain(Fleets.ids("east/east-1"), Fleets.ids(all)))
                .isInstanceOf(DnsDrains.Outcome.Done.class);
        assertThat(bring(checkedBy("https"), all)).isInstanceOf(Outcome.Applied.class);
        assertThat(secured()).hasSize(3);
        assertThat(zone.allChecks())
                .as("those of before are gone")
                .hasSize(3)
                .noneMatch(check -> before.contains(check.id()));
        assertThat(bring(checkedBy("https"), all)).isEqualTo(new Outcome.Unchanged(List.of()));
        assertThat(bring(checkedBy("http"), all)).isInstanceOf(Outcome.Applied.class);
        assertThat(secured()).isEmpty();
    }

    private List<String> secured() {
        return zone.allChecks().stream()
                .map(check -> check.settings().orElseThrow())
                .flatMap(settings -> settings.secured().stream()
                        .map(name -> settings.address() + " " + name + ":" + settings.port()))
                .toList();
    }

    @Test
    void foreignRecordsAtOurNamesAreReportedAndLeft() throws Exception {
        RecordSet foreign = simple("mirror.example.org", "A", "198.51.100.7");
        RecordSet beside = simple("other.mirror.example.org", "A", "198.51.100.8");
        RecordSet mail = simple("east.mirror.example.org", "MX", "10 mail.example.org.");
        zone.put(foreign);
        zone.put(beside);
        zone.put(mail);
        Outcome outcome = bring(twoRegions(), "east/east-1", "west/west-1");
        assertThat(((Outcome.Applied) outcome).plan().conflicts())
                .containsExactly("mirror.example.org A is left alone: there is a A record that isn't this fleet's."
                        + " To have the fleet take its place: --adopt mirror.example.org");
        assertThat(zone.all()).contains(foreign, beside, mail);
        assertThat(zone.all())
                .filteredOn(set -> set.name().value().equals("mirror.example.org"))
                .hasSize(1);
        assertThat(addresses("nodes.east.mirror.example.org")).containsExactly("192.0.2.1");
        assertThat(bring(twoRegions(), "east/east-1", "west/west-1"))
                .asString()
                .startsWith("Unchanged")
                .contains("is left alone");
        zone.remove(foreign);
        bring(twoRegions(), "east/east-1", "west/west-1");
        assertThat(zone.all())
                .filteredOn(set -> set.name().value().equals("mirror.example.org"))
                .hasSize(2);
    }

    @Test
    void whatWouldLeadToATakenNameIsLeftOutToo() throws Exception {
        zone.put(simple("nodes.east.mirror.example.org", "CNAME", "elsewhere.example.org."));
        Outcome outcome = bring(twoRegions(), "east/east-1", "west/west-1");
        assertThat(((Outcome.Applied) outcome).plan().conflicts())
                .hasSize(4)
                .first()
                .asString()
                .contains("there is a CNAME record");
        assertThat(zone.all())
                .extracting(set -> set.name().value())
                .containsExactlyInAnyOrder(
                        "_flotilla.mirror.example.org",
                        "nodes.east.mirror.example.org",
                        "nodes.west.mirror.example.org");
    }

    @Test
    void namesOfAnotherFleetAreRefused() throws Exception {
        bring(twoRegions(), "east/east-1");
        var before = zone.all();
        var other = new Fleets(folder)
                .named("other")
                .node("east", "east-1", "192.0.2.1")
                .build();
        assertThat(bring(other, "east/east-1")).asString().contains("mirror.example.org belongs to the fleet acme");
        assertThat(zone.all()).isEqualTo(before);
    }

    @Test
    void aPlanMadeFromAnOldViewOfTheZoneFailsAsAWhole() throws Exception {
        bring(twoRegions(), "east/east-1");
        var slow = dns(twoRegions());
        var stale = (DnsPlan.Planning.Planned) slow.plan(Fleets.ids("east/east-1", "west/west-1"));
        var moved = new Fleets(folder)
                .node("east", "east-2", "192.0.2.50")
                .node("west", "west-1", "192.0.2.2")
                .build();
        bring(moved, "east/east-2", "west/west-1");
        var before = zone.all();
        assertThat(slow.apply(stale.plan())).isInstanceOf(Outcome.Overtaken.class);
        assertThat(zone.all()).isEqualTo(before);
    }

    @Test
    void whoIsOvertakenPlansAgainAndComesThrough() throws Exception {
        bring(twoRegions(), "east/east-1");
        var once = new AtomicBoolean();
        zone.beforeChange(() -> {
            if (once.compareAndSet(false, true)) {
                RecordSet marker = zone.all().stream()
                        .filter(set -> set.type().equals("TXT"))
                        .findFirst()
                        .orElseThrow();
                zone.put(Marker.parse(marker).orElseThrow().next(0).toRecordSet(new DnsName("mirror.example.org")));
            }
        });
        assertThat(bring(twoRegions(), "east/east-1", "west/west-1")).isInstanceOf(Outcome.Applied.class);
        assertThat(addresses("nodes.west.mirror.example.org")).containsExactly("192.0.2.2");
        assertThat(addresses("_flotilla.mirror.example.org")).containsExactly("\"flotilla fleet=acme generation=3\"");
    }

    /** A lock as its holder sees it: lost when something is said. */
    record OfGeneration(long generation, Optional<String> lost) implements Fence {}

    private FleetDns dns(Fence fence) {
        return new FleetDns(twoRegions(), zone, FleetDns.Timing.USUAL, () -> 0, duration -> {}, fence, line -> {});
    }

    @Test
    void whoeverHeldTheLockBeforeTheLatestWriterWritesNothingHoweverFreshHisPlan() throws Exception {
        var sixth = new OfGeneration(6, Optional.empty());
        assertThat(dns(sixth).bring(Fleets.ids("east/east-1"))).isInstanceOf(Outcome.Applied.class);
        assertThat(addresses("_flotilla.mirror.example.org"))
                .containsExactly("\"flotilla fleet=acme generation=1 lock=6\"");
        var before = zone.all();
        var fifth = new OfGeneration(5, Optional.empty());
        assertThat(dns(fifth).bring(Fleets.ids("east/east-1", "west/west-1"))).isInstanceOf(Outcome.Fenced.class);
        assertThat(zone.all()).isEqualTo(before);
        assertThat(zone.allChecks()).hasSize(1);
        var seventh = new OfGeneration(7, Optional.empty());
        assertThat(dns(seventh).bring(Fleets.ids("east/east-1", "west/west-1"))).isInstanceOf(Outcome.Applied.class);
        assertThat(addresses("_flotilla.mirror.example.org"))
                .containsExactly("\"flotilla fleet=acme generation=2 lock=7\"");
    }

    @Test
    void whoeverHasLostTheLockChangesNeitherRecordsNorChecks() throws Exception {
        bring(twoRegions(), "east/east-1");
        var before = zone.all();
        var lost = new OfGeneration(2, Optional.of("it ran out"));
        assertThat(dns(lost).bring(Fleets.ids("east/east-1", "west/west-1")))
                .isEqualTo(new Outcome.Fenced("it ran out"));
        assertThat(zone.all()).isEqualTo(before);
        assertThat(zone.allChecks()).hasSize(1);
    }

    @Test
    void killedBetweenAnyTwoCallsTheNextRunCompletesIt() throws Exception {
        var changed = new Fleets(folder)
                .dns("check-threshold = 5")
                .node("east", "east-2", "192.0.2.3")
                .node("north", "north-1", "192.0.2.4")
                .node("west", "west-1", "192.0.2.2")
                .build();
        Set<NodeId> all = Fleets.ids("east/east-2", "north/north-1", "west/west-1");
        for (int calls = 0; calls < 10; calls++) {
            var killed = new FleetDnsTest();
            killed.folder = folder;
            var first = killed.twoRegions();
            killed.bring(first, "east/east-1", "west/west-1");
            killed.zone.dieAfter(calls, new Killed());
            try {
                killed.dns(changed).bring(all);
            } catch (Killed expected) {
                assertThat(killed.zone.all()).anyMatch(set -> set.routing() instanceof Routing.Weighted);
            }
            killed.zone.live();
            killed.dns(changed).bring(all);
            assertThat(killed.dns(changed).bring(all)).isEqualTo(new Outcome.Unchanged(List.of()));
            assertThat(killed.zone.allChecks()).hasSize(3);
            assertThat(killed.addresses("nodes.east.mirror.example.org")).containsExactly("192.0.2.3");
        }
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Test
    void aReferenceThatStaysTakenIsNotTriedForEver() {
        var stubborn = new Fleets(folder).node("east", "east-1", "192.0.2.1").build();
        var refusing = new RefusingZone(zone);
        var dns = new FleetDns(
                stubborn, refusing, FleetDns.Timing.USUAL, () -> 0, duration -> {}, Fence.ALONE, line -> {});
        assertThatThrownBy(() -> dns.bring(Fleets.ids("east/east-1")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("20 references in a row are taken");
    }

    @Test
    void aChangeThatIsLateInSyncIsSaidToBe() throws Exception {
        var late = new LateZone(zone);
        assertThat(((Outcome.Applied) impatient(twoRegions(), late).bring(Fleets.ids("east/east-1"))).inSync())
                .isFalse();
        assertThat(late.asked()).isBetween(20, 22);
    }

    @Test
    void aCheckGoesOnlyOnceNoServerAnswersByARecordThatNamesIt() throws Exception {
        var before = twoRegions();
        bring(before, "east/east-1", "west/west-1");
        var alone = new Fleets(folder).node("east", "east-1", "192.0.2.1").build();
        for (int turn = 0; turn < 2; turn++) {
            impatient(alone, new LateZone(zone)).bring(Fleets.ids("east/east-1"));
            assertThat(zone.allChecks()).as("while a server may be behind").hasSize(2);
        }
        bring(alone, "east/east-1");
        assertThat(zone.allChecks()).hasSize(1);
    }

    /** Which waits for a minute, of a clock of its own. */
    private static FleetDns impatient(FleetConfiguration fleet, Zone zone) {
        var clock = new AtomicLong();
        return new FleetDns(
                fleet,
                zone,
                new FleetDns.Timing(Duration.ofSeconds(3), Duration.ofMinutes(1)),
                clock::get,
                duration -> clock.addAndGet(duration.toNanos()),
                Fence.ALONE,
                line -> {});
    }
}
