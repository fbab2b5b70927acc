package dev.flotilla.controller.plan;

import dev.flotilla.agent.bucket.MemoryBucket;
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
import dev.flotilla.controller.publish.IntentPublisher;
import dev.flotilla.controller.publish.Programs;
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
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A fleet in memory that is planned and brought about. */
abstract class PlannedFleet {
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    static final String EAST = "east { nodes { east-1 { address = 192.0.2.1 }, east-2 { address = 192.0.2.2 } } }";
    static final String WEST = "west { nodes { west-1 { address = 192.0.2.3 } } }";

    @TempDir
    Path folder;

    final MemoryBucket bucket = new MemoryBucket();
    final MemoryZone zone = new MemoryZone();
    final Racks racks = new Racks();
    final List<String> progress = Collections.synchronizedList(new ArrayList<>());
    Fence fence = Fence.ALONE;
    String dns = "";
    int minimum = 1;

    /** Machines in memory: one that has been brought serves as soon as the bucket has a release, unless it is broken. */
    final class Racks implements Machines, NodesNow {
        final Set<NodeId> installed = Collections.synchronizedSet(new HashSet<>());
        final Set<NodeId> broken = new HashSet<>();
        final Set<NodeId> hidden = new HashSet<>();
        final Map<NodeId, String> reverted = new TreeMap<>();
        final Map<NodeId, Long> refused = new TreeMap<>();
        int asked;
        Runnable beforeBring = () -> {};
        String facts = "";

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

        Standing standing(NodeId node) {
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

    FleetConfiguration fleet(String... regions) {
        try {
            Path file = Files.writeString(
                    folder.resolve("fleet.conf"), """
                    flotilla.fleet {
                      name = acme, bucket { name = acme-mirrors }, rollout { waves = [] }, minimum-serving = %d
                      dns { zone = example.org, name = mirror.example.org, %s }
                      regions {
                        %s
                      }
                    }
                    """.formatted(minimum, dns, String.join("\n    ", regions)));
            return ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    static NodeId id(String region, String node) {
        return new NodeId(new RegionName(region), new NodeName(node));
    }

    World world(FleetConfiguration fleet) {
        var clock = Clock.fixed(NOW, ZoneOffset.UTC);
        var programs = new Programs(folder.resolve("program"), Optional.empty());
        return new World(
                new Publisher(fleet, bucket, programs, List.of(), clock, "ann@desk", fence, progress::add),
                new IntentPublisher(fleet, bucket, List.of(), clock, "ann@desk", fence, progress::add),
                Optional.of(
                        new FleetDns(fleet, zone, FleetDns.Timing.USUAL, () -> 0, time -> {}, fence, progress::add)),
                racks,
                racks);
    }

    Result planning(FleetConfiguration fleet, Limit limit) throws Exception {
        return new Planning(fleet, world(fleet), Clock.fixed(NOW, ZoneOffset.UTC), GuardRails.USUAL).plan(limit);
    }

    Result.Planned plan(FleetConfiguration fleet) throws Exception {
        return (Result.Planned) planning(fleet, Limit.none(fleet));
    }

    Applying.Outcome apply(FleetConfiguration fleet, Limit limit, Optional<GuardRails> rails) throws Exception {
        var terms = new Applying.Terms(rails, Duration.ofMillis(20), Duration.ofMillis(1), new EachNode(2));
        return new Applying(fleet, world(fleet), terms, progress::add)
                .apply((Result.Planned) planning(fleet, limit), limit);
    }

    Applying.Outcome apply(FleetConfiguration fleet) throws Exception {
        return apply(fleet, Limit.none(fleet), Optional.of(GuardRails.USUAL));
    }

    List<String> addresses() {
        return zone.all().stream()
                .filter(set -> set.routing() instanceof RecordSet.Routing.Weighted)
                .flatMap(set -> ((RecordSet.Content.Values) set.content()).values().stream())
                .sorted()
                .toList();
    }
}
