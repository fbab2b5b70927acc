package dev.flotilla.controller.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.MemoryZone;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.fleet.EachNode;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.plan.Machines.Difference;
import dev.flotilla.controller.plan.NodesNow.Standing;
import dev.flotilla.controller.plan.Planning.Limit;
import dev.flotilla.controller.plan.Planning.Result;
import dev.flotilla.controller.plan.Planning.World;
import dev.flotilla.controller.publish.Programs;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.controller.publish.Publishing;
import dev.flotilla.controller.publish.TrustFolder;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final String EAST =
            "east { nodes { east-1 { address = 192.0.2.1 }, east-2 { address = 192.0.2.2 } } }";
    private static final String WEST = "west { nodes { west-1 { address = 192.0.2.3 } } }";

    @TempDir
    Path folder;

    private final MemoryBucket bucket = new MemoryBucket();
    private final MemoryZone zone = new MemoryZone();
    private final Racks racks = new Racks();
    private final List<String> progress = Collections.synchronizedList(new ArrayList<>());
    private Fence fence = Fence.ALONE;

    /** Machines in memory: one that has been brought serves as soon as the bucket has a release, unless it is broken. */
    private final class Racks implements Machines, NodesNow {
        private final Set<NodeId> installed = Collections.synchronizedSet(new HashSet<>());
        private final Set<NodeId> broken = new HashSet<>();
        private final Set<NodeId> hidden = new HashSet<>();
        private final Map<NodeId, String> reverted = new TreeMap<>();
        private final Map<NodeId, Long> refused = new TreeMap<>();
        private int asked;
        private Runnable beforeBring = () -> {};
        private String facts = "";

        @Override
        public Map<NodeId, Sight> look(Collection<Node> nodes) {
            return nodes.stream()
                    .collect(Collectors.toMap(
                            Node::id,
                            node -> hidden.contains(node.id())
                                    ? new Sight.Hidden("no way there")
                                    : new Sight.Seen(
                                            installed.contains(node.id())
                                                    ? List.of()
                                                    : List.of(new Difference('+', "install Flotilla")),
                                            facts + " installed: " + installed.contains(node.id()))));
        }

        @Override
        public Optional<String> bring(Node node, Consumer<String> said) {
            beforeBring.run();
            installed.add(node.id());
            said.accept("installed");
            return Optional.empty();
        }

        @Override
        public Map<NodeId, Standing> ask(Collection<Node> nodes) {
            return nodes.stream().map(Node::id).collect(Collectors.toMap(node -> node, this::standing));
        }

        private Standing standing(NodeId node) {
            if (reverted.containsKey(node)) {
                return new Standing.Reverted(1, String.valueOf(reverted.get(node)));
            }
            Long release = refused.get(node);
            if (release != null) {
                asked++;
                return new Standing.Refused(release, "its configuration is wrong");
            }
            boolean serves = installed.contains(node)
                    && !broken.contains(node)
                    && bucket.objects().keySet().stream()
                            .anyMatch(key -> key.value().equals("metadata/timestamp.json"));
            return serves ? new Standing.Serving() : new Standing.NotServing("nothing answers");
        }
    }

    @BeforeEach
    void keysAndAProgram() throws IOException {
        new TrustFolder(folder.resolve("trust")).create(new SecureRandom());
        Files.writeString(folder.resolve("program"), "a program");
    }

    private FleetConfiguration fleet(String... regions) {
        try {
            Path file = Files.writeString(folder.resolve("fleet.conf"), """
                    flotilla.fleet {
                      name = acme, bucket { name = acme-mirrors }, rollout { waves = [] }
                      dns { zone = example.org, name = mirror.example.org }
                      regions {
                        %s
                      }
                    }
                    """.formatted(String.join("\n    ", regions)));
            return ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private static NodeId id(String region, String node) {
        return new NodeId(new RegionName(region), new NodeName(node));
    }

    private World world(FleetConfiguration fleet) {
        var clock = Clock.fixed(NOW, ZoneOffset.UTC);
        var programs = new Programs(folder.resolve("program"), Optional.empty());
        return new World(
                new Publisher(fleet, bucket, programs, List.of(), clock, "ann@desk", fence, progress::add),
                Optional.of(
                        new FleetDns(fleet, zone, FleetDns.Timing.USUAL, () -> 0, time -> {}, fence, progress::add)),
                racks,
                racks);
    }

    private Result planning(FleetConfiguration fleet, Limit limit) throws Exception {
        return new Planning(fleet, world(fleet), Clock.fixed(NOW, ZoneOffset.UTC), GuardRails.USUAL).plan(limit);
    }

    private Result.Planned plan(FleetConfiguration fleet) throws Exception {
        return (Result.Planned) planning(fleet, Limit.none(fleet));
    }

    private Applying.Outcome apply(FleetConfiguration fleet, Limit limit, Optional<GuardRails> rails) throws Exception {
        var terms = new Applying.Terms(rails, Duration.ofMillis(20), Duration.ofMillis(1), new EachNode(2));
        return new Applying(fleet, world(fleet), terms, progress::add)
                .apply((Result.Planned) planning(fleet, limit), limit);
    }

    private Applying.Outcome apply(FleetConfiguration fleet) throws Exception {
        return apply(fleet, Limit.none(fleet), Optional.of(GuardRails.USUAL));
    }

    private List<String> addresses() {
        return zone.all().stream()
                .filter(set -> set.routing() instanceof RecordSet.Routing.Weighted)
                .flatMap(set -> ((RecordSet.Content.Values) set.content()).values().stream())
                .sorted()
                .toList();
    }

    @Test
    void aBareFleetIsPlannedAndBroughtAboutAndThenThereIsNothingToDo() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        FleetPlan plan = plan(fleet).plan();
        assertThat(bucket.takeWrites()).isEmpty();
        assertThat(zone.batches()).isEmpty();
        assertThat(plan.text())
                .contains("bucket:", "  + configuration/east/east-1/mirror.conf", "  + programs/flotilla-mirror.tar.gz")
                .contains("machines:", "  + east/east-1: install Flotilla", "  + west/west-1: install Flotilla")
                .anyMatch(line ->
                        line.startsWith("  + A ") && line.contains("192.0.2.1") && line.endsWith("(once it serves)"));
        assertThat(plan.notes()).isEmpty();
        assertThat(apply(fleet)).isEqualTo(new Applying.Outcome(Applying.End.DONE, List.of()));
        assertThat(progress).contains("release 1 is published", "east/east-1: installed", "west/west-1: serves");
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
        bucket.takeWrites();
        assertThat(plan(fleet).plan().text()).containsExactly("Nothing to do: the fleet is as fleet.conf says.");
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.DONE);
        assertThat(bucket.takeWrites()).isEmpty();
        assertThat(zone.batches()).hasSize(1);
    }

    @Test
    void aNodeEntersDnsOnlyWhenItServesAndTheOthersDoNotWaitForEver() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        racks.broken.add(id("east", "east-2"));
        Applying.Outcome outcome = apply(fleet);
        assertThat(outcome)
                .isEqualTo(new Applying.Outcome(
                        Applying.End.INCOMPLETE, List.of("east/east-2 doesn't serve: nothing answers")));
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.3");
        assertThat(plan(fleet).plan().notes()).containsExactly("east/east-2 doesn't serve: nothing answers");
        assertThat(plan(fleet).plan().isEmpty()).isTrue();
        racks.broken.clear();
        assertThat(plan(fleet).plan().lines()).isNotEmpty().noneMatch(PlanLine::later);
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.DONE);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
    }

    @Test
    void ofAMachineThatCanNotBeLookedAtNothingIsExpected() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        racks.hidden.add(id("east", "east-2"));
        Result.Planned planned = plan(fleet);
        assertThat(planned.awaited()).containsExactlyInAnyOrder(id("east", "east-1"), id("west", "west-1"));
        assertThat(planned.plan().notes())
                .containsExactly(
                        "east/east-2 can't be looked at: no way there", "east/east-2 doesn't serve: nothing answers");
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.DONE);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.3");
    }

    @Test
    void aNodeThatIsInDnsStaysThereWhileItDoesNotServe() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        apply(fleet);
        racks.broken.addAll(List.of(id("east", "east-1"), id("east", "east-2"), id("west", "west-1")));
        assertThat(plan(fleet).plan().isEmpty()).isTrue();
        assertThat(plan(fleet).plan().notes()).hasSize(3);
        apply(fleet);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
    }

    @Test
    void takingOutAllOfARegionOrTooLargeAShareNeedsSomebodysWord() throws Exception {
        apply(fleet(EAST, WEST));
        FleetConfiguration without = fleet(EAST);
        assertThat(plan(without).plan().outage())
                .get()
                .asString()
                .contains("all nodes of west")
                .contains("--allow-outage");
        assertThat(apply(without).end()).isEqualTo(Applying.End.INCOMPLETE);
        assertThat(addresses()).hasSize(3);
        assertThat(plan(without).plan().lines()).anyMatch(line -> line.area() == PlanLine.Area.BUCKET);
        FleetConfiguration smaller = fleet("east { nodes { east-1 { address = 192.0.2.1 } } }", WEST);
        assertThat(plan(smaller).plan().outage()).isEmpty();
        var strict = new Planning(smaller, world(smaller), Clock.fixed(NOW, ZoneOffset.UTC), new GuardRails(33));
        assertThat(((Result.Planned) strict.plan(Limit.none(smaller))).plan().outage())
                .get()
                .asString()
                .contains("1 of 3 nodes out of DNS, more than 33 %");
        assertThat(apply(without, Limit.none(without), Optional.empty()).end()).isEqualTo(Applying.End.DONE);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2");
    }

    @Test
    void dnsIsNeverEmptiedWhateverAnybodysWord() throws Exception {
        apply(fleet(EAST, WEST));
        racks.broken.add(id("north", "north-1"));
        FleetConfiguration moved = fleet("north { nodes { north-1 { address = 192.0.2.9 } } }");
        racks.installed.add(id("north", "north-1"));
        assertThat(planning(moved, Limit.none(moved)))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.reason()).contains("without an address"));
        // It is awaited, since it has yet to be installed, and then doesn't come.
        racks.installed.remove(id("north", "north-1"));
        Applying.Outcome outcome = apply(moved, Limit.none(moved), Optional.empty());
        assertThat(outcome.end()).isEqualTo(Applying.End.INCOMPLETE);
        assertThat(outcome.problems()).anyMatch(line -> line.startsWith("DNS is left as it is: "));
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
    }

    @Test
    void whatIsSeenTellsWhetherTheWorldHasMoved() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        var seen = new HashSet<>(Set.of(plan(fleet).plan().observed()));
        assertThat(plan(fleet).plan().observed()).isIn(seen);
        assertThat(seen.add(plan(fleet(EAST)).plan().observed()))
                .as("fleet.conf")
                .isTrue();
        assertThat(seen.add(((Result.Planned) planning(fleet, new Limit(List.of("west"), Set.of(id("west", "west-1")))))
                        .plan()
                        .observed()))
                .as("limit")
                .isTrue();
        fleet = fleet(EAST, WEST);
        assertThat(world(fleet).publisher().publish(Publisher.Signing.WHEN_CHANGED))
                .isInstanceOf(Publishing.Published.class);
        assertThat(seen.add(plan(fleet).plan().observed())).as("bucket").isTrue();
        racks.installed.add(id("east", "east-2"));
        assertThat(seen.add(plan(fleet).plan().observed())).as("machine").isTrue();
        racks.facts = "another archive";
        assertThat(seen.add(plan(fleet).plan().observed()))
                .as("a machine's facts alone")
                .isTrue();
        world(fleet).dns().orElseThrow().bring(Set.of(id("east", "east-2")));
        assertThat(seen.add(plan(fleet).plan().observed())).as("dns").isTrue();
        // Signed once more for longer it is the same release.
        assertThat(world(fleet).publisher().publish(Publisher.Signing.ALWAYS)).isInstanceOf(Publishing.Published.class);
        assertThat(plan(fleet).plan().observed()).isIn(seen);
    }

    @Test
    void aPlanComesBackFromItsFileAndNothingElseIsOne() throws Exception {
        FleetPlan plan = plan(fleet(EAST, WEST)).plan();
        assertThat(FleetPlan.parse(plan.toBytes())).isEqualTo(plan);
        assertThatThrownBy(() -> FleetPlan.parse("{}".getBytes(UTF_8))).isInstanceOf(MalformedJsonException.class);
    }

    @Test
    void limitedToAPlaceOtherMachinesAreLeftAloneAndOtherNodesStayOutOfDns() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        var west = new Limit(List.of("west"), Set.of(id("west", "west-1")));
        assertThat(apply(fleet, west, Optional.of(GuardRails.USUAL)).end()).isEqualTo(Applying.End.DONE);
        assertThat(racks.installed).containsExactly(id("west", "west-1"));
        assertThat(addresses()).containsExactly("192.0.2.3");
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.DONE);
        var east = new Limit(List.of("east/east-1"), Set.of(id("east", "east-1")));
        apply(fleet, east, Optional.of(GuardRails.USUAL));
        assertThat(addresses()).hasSize(3);
    }

    @Test
    void whereAllThatAreAwaitedHaveRefusedTheReleaseNobodyWaitsOnAndThePlanSaysSoToo() throws Exception {
        for (String node : List.of("east-1", "east-2")) {
            racks.refused.put(id("east", node), 1L);
        }
        racks.refused.put(id("west", "west-1"), 1L);
        FleetConfiguration fleet = fleet(EAST, WEST);
        long begin = System.nanoTime();
        var terms = new Applying.Terms(
                Optional.of(GuardRails.USUAL), Duration.ofMinutes(10), Duration.ofMillis(1), new EachNode(2));
        Applying.Outcome outcome =
                new Applying(fleet, world(fleet), terms, progress::add).apply(plan(fleet), Limit.none(fleet));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMinutes(5));
        assertThat(outcome.end()).isEqualTo(Applying.End.INCOMPLETE);
        assertThat(outcome.problems())
                .contains("west/west-1 doesn't serve: it has refused release 1: its configuration is wrong");
        assertThat(plan(fleet).plan().notes())
                .contains("west/west-1 has refused release 1: its configuration is wrong");
    }

    @Test
    void whatANodeHasRefusedBeforeIsNotTakenForTheNextRelease() throws Exception {
        apply(fleet(EAST, WEST));
        racks.refused.put(id("west", "west-1"), 1L);
        String east = "east { nodes { east-1 { address = 192.0.2.1 }, east-2 { address = 192.0.2.2 }, east-3 {"
                + " address = 192.0.2.4 } } }";
        racks.asked = 0;
        assertThat(apply(fleet(east, WEST)).end()).isEqualTo(Applying.End.INCOMPLETE);
        assertThat(racks.asked)
                .as("it was waited for, as it may take release 2")
                .isGreaterThan(2);
    }

    @Test
    void nodesThatGoBackFromTheReleaseAreToldAndStayOutOfDns() throws Exception {
        racks.reverted.put(id("west", "west-1"), "its mirror dies");
        Applying.Outcome outcome = apply(fleet(EAST, WEST));
        assertThat(outcome.end()).isEqualTo(Applying.End.REVERTED);
        assertThat(outcome.problems()).containsExactly("west/west-1 went back from release 1: its mirror dies");
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2");

        String east =
                "east { nodes { east-1 { address = 192.0.2.1 }, east-2 { address = 192.0.2.2 }, east-3 { address = 192.0.2.4 } } }";
        outcome = apply(fleet(east, WEST));
        assertThat(outcome.end())
                .as("it went back before, and isn't touched now")
                .isEqualTo(Applying.End.INCOMPLETE);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.4");
    }

    private record Lost(long generation) implements Fence {
        @Override
        public Optional<String> lost() {
            return Optional.of("it ran out");
        }
    }

    @Test
    void whoeverHasLostTheLockChangesNothingThatOthersGoBy() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        fence = new Lost(3);
        assertThat(apply(fleet)).isEqualTo(new Applying.Outcome(Applying.End.FENCED, List.of("it ran out")));
        assertThat(bucket.objects().keySet()).noneMatch(key -> key.value().contains("timestamp"));
        fence = Fence.ALONE;
        world(fleet).publisher().publish(Publisher.Signing.WHEN_CHANGED);
        fence = new Lost(3);
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.FENCED);
        assertThat(zone.all()).isEmpty();
    }

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    @Test
    void killedBeforeAnyWriteTheNextApplyFinishes() throws Exception {
        boolean killed = true;
        int calls = 0;
        for (; killed; calls++) {
            var one = new PlanTest();
            one.folder = Files.createDirectory(folder.resolve("run-" + calls));
            one.keysAndAProgram();
            killed = one.diesAndIsFinished(calls);
        }
        // Files, metadata, the pointer, its record, machines, checks, records: it did die at each of them.
        assertThat(calls).isGreaterThan(12);
    }

    private boolean diesAndIsFinished(int calls) throws Exception {
        FleetConfiguration before = fleet(EAST);
        assertThat(apply(before).end()).isEqualTo(Applying.End.DONE);
        FleetConfiguration after =
                fleet("east { nodes { east-1 { address = 192.0.2.1 }, east-3 { address = 192.0.2.4 } } }", WEST);
        var left = new AtomicInteger(calls);
        Runnable death = () -> {
            if (left.getAndDecrement() == 0) {
                throw new Killed();
            }
        };
        bucket.beforeWrite(key -> death.run());
        zone.beforeWrite(death);
        racks.beforeBring = death;
        var all = Optional.<GuardRails>empty();
        boolean killed = false;
        try {
            apply(after, Limit.none(after), all);
        } catch (Killed dead) {
            killed = true;
        } catch (IllegalStateException onAMachine) {
            assertThat(onAMachine).hasCauseInstanceOf(Killed.class);
            killed = true;
        }
        assertThat(addresses()).as("never an empty set").isNotEmpty();
        bucket.beforeWrite(key -> {});
        zone.beforeWrite(() -> {});
        racks.beforeBring = () -> {};
        assertThat(apply(after, Limit.none(after), all).end())
                .as("after " + calls)
                .isEqualTo(Applying.End.DONE);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.3", "192.0.2.4");
        assertThat(plan(after).plan().isEmpty()).isTrue();
        return killed;
    }
}
