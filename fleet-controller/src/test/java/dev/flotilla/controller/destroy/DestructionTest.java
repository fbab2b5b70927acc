package dev.flotilla.controller.destroy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.destroy.Destruction.Looking;
import dev.flotilla.controller.destroy.Destruction.Outcome;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.MemoryZone;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.provision.Uninstalling.Sight;
import dev.flotilla.controller.publish.Publisher;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DestructionTest {
    private static final RecordSet FOREIGN = new RecordSet(
            DnsName.parse("blog.mirror.example.org"),
            "A",
            Optional.empty(),
            new RecordSet.Routing.Simple(),
            new RecordSet.Content.Values(Duration.ofSeconds(60), List.of("198.51.100.1")),
            Optional.empty());
    private static final ObjectKey STRANGER = new ObjectKey("holiday/photo.jpg");

    @TempDir
    Path folder;

    private final MemoryBucket bucket = new MemoryBucket();
    private final MemoryZone zone = new MemoryZone();
    private final Racks racks = new Racks();
    private final List<String> done = Collections.synchronizedList(new ArrayList<>());
    private Fence fence = Fence.ALONE;
    private FleetConfiguration fleet;

    /** Machines in memory. */
    private final class Racks implements Installed {
        private final Set<NodeId> installed = Collections.synchronizedSet(new HashSet<>());
        private final Set<NodeId> away = new HashSet<>();
        private Runnable beforeRemove = () -> {};

        @Override
        public Sight look(Node node) {
            return away.contains(node.id())
                    ? new Sight.Hidden("can't be reached")
                    : installed.contains(node.id())
                            ? new Sight.Installed(List.of("/opt/flotilla"))
                            : new Sight.Nothing();
        }

        @Override
        public Optional<String> remove(Node node, Consumer<String> progress) {
            beforeRemove.run();
            done.add("machine");
            installed.remove(node.id());
            return Optional.empty();
        }
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @BeforeEach
    void aFleetThatServesBesideThingsOfOthers() throws Exception {
        new TrustFolder(folder.resolve("trust")).create(new SecureRandom());
        Path program = Files.writeString(folder.resolve("program"), "a program");
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme-mirrors }, ssh { user = root }
                  dns { zone = example.org, name = mirror.example.org }
                  regions {
                    east { nodes { east-1 { address = 192.0.2.1 } } }
                    west { nodes { west-1 { address = 192.0.2.2 } } }
                  }
                }
                """);
        fleet = ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
        new Publisher(fleet, bucket, program, List.of(), Clock.systemUTC(), "ann@desk", line -> {})
                .publish(Publisher.Signing.WHEN_CHANGED);
        bucket.objects().put(BucketLayout.lock("acme"), new byte[] {1});
        bucket.objects().put(new ObjectKey("nodes/east/east-1.json"), new byte[] {1});
        bucket.objects().put(BucketLayout.currentDrill(), new byte[] {1});
        bucket.objects().put(BucketLayout.drill("20261122T030000Z-east-drain"), new byte[] {1});
        fleet.nodes().forEach(node -> racks.installed.add(node.id()));
        dns().bring(Set.copyOf(racks.installed));
        bucket.objects().put(STRANGER, new byte[] {1});
        bucket.objects().put(new ObjectKey("targets/by-hand.txt"), new byte[] {1});
        zone.put(FOREIGN);
    }

    private FleetDns dns() {
        return FleetDns.of(fleet, zone, FleetDns.Timing.USUAL, fence, line -> {});
    }

    private Destruction destruction(boolean keepBucket, NodeId... abandoned) {
        return new Destruction(
                fleet,
                bucket,
                Optional.of(dns()),
                Optional.of(racks),
                new Destruction.Terms(keepBucket, Set.of(abandoned)));
    }

    private static Inventory look(Destruction destruction) throws Exception {
        return ((Looking.Found) destruction.look()).inventory();
    }

    private Outcome destroy(Destruction destruction) throws Exception {
        var audit = new AuditLog(fleet.name(), bucket, Clock.systemUTC(), "ann@desk", fence::generation);
        return destruction.destroy(look(destruction), fence, audit, line -> {});
    }

    private void onlyWhatIsOthersIsLeft() throws Exception {
        assertThat(bucket.objects().keySet()).containsExactly(STRANGER, new ObjectKey("targets/by-hand.txt"));
        assertThat(zone.all()).containsExactly(FOREIGN);
        assertThat(zone.allChecks()).isEmpty();
        assertThat(racks.installed).isEmpty();
        assertThat(look(destruction(false)).isEmpty()).isTrue();
    }

    private static NodeId id(String region, String node) {
        return new NodeId(new RegionName(region), new NodeName(node));
    }

    @Test
    void everythingOfTheFleetGoesAndWhatIsOthersIsNamedAndLeft() throws Exception {
        Inventory inventory = look(destruction(false));
        assertThat(inventory.text())
                .contains("dns:", "nodes:", "  - east/east-1: uninstall /opt/flotilla", "  - nodes/: 1 object")
                .contains("  - lock/: 1 object", "left as it is:", "  object holiday/photo.jpg")
                .contains("  object targets/by-hand.txt", "  record " + FOREIGN)
                .anyMatch(line -> line.startsWith("  - TXT   _flotilla.mirror.example.org"))
                .anyMatch(line -> line.startsWith("  - check "));
        assertThat(destroy(destruction(false))).isEqualTo(new Outcome.Done());
        onlyWhatIsOthersIsLeft();
        assertThat(folder.resolve("trust/root.key")).exists();
        assertThat(Files.readString(folder.resolve("destroyed-acme/audit/chain/0000000002.json")))
                .contains("\"action\": \"destroy\"", "\"result\": \"done\"", "node east/east-1 uninstall");
        assertThat(folder.resolve("destroyed-acme/audit/head.json")).exists();
    }

    @Test
    void namesGoBeforeNodesAndNodesBeforeTheBucketAndTheLockLast() throws Exception {
        zone.beforeWrite(() -> done.add("zone"));
        bucket.beforeWrite(key -> done.add(key.value().replaceFirst("^audit/.*", "audit")));
        destroy(destruction(false));
        assertThat(done.lastIndexOf("zone")).isLessThan(done.indexOf("machine"));
        assertThat(done.lastIndexOf("machine")).isLessThan(done.indexOf("audit"));
        assertThat(done.indexOf("audit")).isLessThan(done.indexOf("metadata/timestamp.json"));
        assertThat(done.indexOf("metadata/timestamp.json"))
                .isEqualTo(done.stream()
                        .filter(step -> step.startsWith("metadata/") || step.startsWith("targets/"))
                        .map(done::indexOf)
                        .min(Integer::compare)
                        .orElseThrow());
        assertThat(done.subList(done.size() - 2, done.size()))
                .containsExactly("metadata/1.root.json", "lock/acme.json");
    }

    @Test
    void killedBeforeAnyWriteTheNextRunFinishes() throws Exception {
        boolean killed = true;
        int calls = 0;
        for (; killed; calls++) {
            var one = new DestructionTest();
            one.folder = Files.createDirectory(folder.resolve("run-" + calls));
            one.aFleetThatServesBesideThingsOfOthers();
            killed = one.diesAndIsFinished(calls);
        }
        // Records, checks, the marker, machines, the record, objects, the lock: it did die at each of them.
        assertThat(calls).isGreaterThan(15);
    }

    private boolean diesAndIsFinished(int calls) throws Exception {
        var left = new AtomicInteger(calls);
        Runnable death = () -> {
            if (left.getAndDecrement() <= 0) {
                throw new Killed();
            }
        };
        bucket.beforeWrite(key -> death.run());
        zone.beforeWrite(death);
        racks.beforeRemove = death;
        boolean killed = false;
        try {
            destroy(destruction(false));
        } catch (Killed dead) {
            killed = true;
        } catch (IllegalStateException onAThread) {
            assertThat(onAThread).hasCauseInstanceOf(Killed.class);
            killed = true;
        }
        bucket.beforeWrite(key -> {});
        zone.beforeWrite(() -> {});
        racks.beforeRemove = () -> {};
        assertThat(destroy(destruction(false))).as("after " + calls).isEqualTo(new Outcome.Done());
        onlyWhatIsOthersIsLeft();
        return killed;
    }

    @Test
    void aMachineThatIsAwayStopsItBeforeAnythingUntilItIsAbandoned() throws Exception {
        racks.away.add(id("west", "west-1"));
        assertThat(destroy(destruction(false)))
                .isEqualTo(new Outcome.Incomplete(List.of("west/west-1 can't be looked at: can't be reached")));
        assertThat(racks.installed).hasSize(2);
        assertThat(zone.allChecks()).hasSize(2);
        assertThat(destroy(destruction(false, id("west", "west-1")))).isEqualTo(new Outcome.Done());
        assertThat(racks.installed).containsExactly(id("west", "west-1"));
        assertThat(bucket.objects()).hasSize(2);
    }

    @Test
    void theBucketCanBeKeptAndGoLater() throws Exception {
        Set<ObjectKey> before = Set.copyOf(bucket.objects().keySet());
        assertThat(destroy(destruction(true))).isEqualTo(new Outcome.Done());
        assertThat(bucket.objects().keySet()).containsAll(before);
        assertThat(look(destruction(true)).isEmpty()).isTrue();
        assertThat(destroy(destruction(false))).isEqualTo(new Outcome.Done());
        onlyWhatIsOthersIsLeft();
    }

    @Test
    void whoeverHasLostTheLockDestroysNothing() throws Exception {
        fence = new Fence() {
            @Override
            public long generation() {
                return 7;
            }

            @Override
            public Optional<String> lost() {
                return Optional.of("bob took it");
            }
        };
        Set<ObjectKey> before = Set.copyOf(bucket.objects().keySet());
        assertThat(destroy(destruction(false))).isEqualTo(new Outcome.Fenced("bob took it"));
        assertThat(bucket.objects().keySet()).isEqualTo(before);
        assertThat(zone.allChecks()).hasSize(2);
        assertThat(racks.installed).hasSize(2);
    }

    @Test
    void whatIsAnotherFleetsIsNotTouched() throws IOException, InterruptedException {
        Path file = folder.resolve("fleet.conf");
        Files.writeString(file, Files.readString(file).replace("name = acme,", "name = rival,"));
        fleet = ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
        assertThat(destruction(false).look())
                .isInstanceOfSatisfying(
                        Looking.Refused.class,
                        refused ->
                                assertThat(refused.reason()).contains("mirror.example.org belongs to the fleet acme"));
        Files.move(folder.resolve("trust"), folder.resolve("trust-of-acme"));
        new TrustFolder(folder.resolve("trust")).create(new SecureRandom());
        assertThat(destruction(false).look())
                .isInstanceOfSatisfying(
                        Looking.Refused.class,
                        refused -> assertThat(refused.reason()).contains("the bucket belongs to the fleet acme"));
    }

    @Test
    void withoutTheRootThatSaysWhoseTheyAreObjectsAreLeft() throws Exception {
        bucket.objects().remove(new ObjectKey("metadata/1.root.json"));
        assertThat(look(destruction(false)).objects()).containsExactly(BucketLayout.lock("acme"));
        assertThat(look(destruction(false)).left().stream()
                        .filter(line -> line.startsWith("object "))
                        .collect(Collectors.toSet()))
                .contains("object metadata/timestamp.json");
    }
}
