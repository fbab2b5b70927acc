package dev.flotilla.controller.fleet;

import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.BucketLocation;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.net.URI;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads one {@code fleet.conf}. For one file and one thread. */
final class FleetReader {
    /** Names that DNS needs for itself beside the regions' (see the record tree). */
    private static final Pattern TAKEN = Pattern.compile("nodes|next-[0-9]+");

    private static final Pattern AMOUNT = Pattern.compile("[1-9][0-9]{0,11}");

    /** The longest thing that is put in front of a region's name in DNS: {@code next-99.}. */
    private static final int LONGEST_PREFIX = 8;

    private static final int LONGEST_NAME = 253;

    private final Path file;
    private final Path folder;
    private final Map<NodeAddress, NodeId> addresses = new HashMap<>();
    private final Map<NodeName, NodeId> names = new HashMap<>();

    FleetReader(Path file) {
        this.file = file;
        this.folder = file.resolveSibling("");
    }

    Setting<FleetConfiguration> read(Settings settings) {
        var name = settings.required("name", FleetName::new);
        var bucket = settings.section("bucket", BucketLocation::read);
        var trust = settings.section("trust", inner -> TrustSettings.read(inner, folder));
        var dns = settings.optionalSection("dns", DnsSettings::read);
        var certificates = settings.optionalSection("certificates", inner -> CertificateSettings.read(inner, folder));
        var ssh = settings.optionalSection("ssh", inner -> SshSettings.read(inner, folder));
        var local = settings.section("local", inner -> LocalSettings.read(inner, folder));
        var fabric = settings.optional("fabric", FabricKind.STATIC, FabricKind::parse);
        var provision = settings.section("provision", inner -> ProvisionSettings.read(inner, folder));
        var mirror = settings.raw("mirror");
        var wheels = settings.optionalSection("wheels", inner -> WheelsSettings.read(inner, folder));
        var source =
                settings.build(() -> wheels.get().map(ignored -> bucket.get().objects(BucketLayout.WHEELS)));
        var regions = settings.ordered(
                "regions",
                FleetReader::regionName,
                (region, inner) ->
                        region(region, inner, new Inherited(mirror, source, fabric, local, dns, wheels, certificates)));
        // Nobody means to switch a whole fleet off by draining it.
        var minimum = settings.integer("minimum-serving", 1, 0, 10_000);
        var rollout = settings.section("rollout", RolloutSettings::read);
        var firewall = settings.optionalSection("firewall", FirewallSettings::read);
        // Whoever kills mirrors that others need should have had to say so before.
        var drillsMayKill = settings.flag("drills-may-kill", false);
        var program = settings.optional("program", folder::resolve);
        var agent = settings.optional("agent", folder::resolve);
        return settings.build(() -> {
            List<Region> inOrder = List.copyOf(regions.get().values());
            dns.get().ifPresent(names -> {
                checkLengths(names, inOrder);
                checkPolicy(names.policy(), inOrder);
                checkEncryption(names.checkProtocol(), inOrder);
            });
            if (certificates.get().isPresent() && dns.get().isEmpty()) {
                throw new IllegalArgumentException("certificates needs dns { … }: certificates are for the fleet's"
                        + " names, and what proves that they are its own stands in its zone");
            }
            checkRegions(rollout.get(), inOrder);
            return new FleetConfiguration(
                    file,
                    name.get(),
                    bucket.get(),
                    trust.get(),
                    dns.get(),
                    certificates.get(),
                    ssh.get(),
                    local.get(),
                    provision.get(),
                    inOrder,
                    minimum.get(),
                    rollout.get(),
                    wheels.get(),
                    firewall.get(),
                    drillsMayKill.get(),
                    program.get(),
                    agent.get());
        });
    }

    /** What a node has from its fleet where neither it nor its region says otherwise. */
    private record Inherited(
            Setting<Optional<String>> mirror,
            Setting<Optional<URI>> wheels,
            Setting<FabricKind> fabric,
            Setting<LocalSettings> local,
            Setting<Optional<DnsSettings>> dns,
            Setting<Optional<WheelsSettings>> built,
            Setting<Optional<CertificateSettings>> certificates) {}

    private Setting<Region> region(RegionName region, Settings settings, Inherited fleet) {
        var mirror = settings.raw("mirror");
        var fabric = settings.optional("fabric", FabricKind::parse);
        var nodes = settings.named(
                "nodes", NodeName::new, (node, inner) -> node(new NodeId(region, node), inner, mirror, fabric, fleet));
        var awsRegion = settings.optional("aws-region", AwsRegion::parse);
        var weight = settings.integer("weight", RegionTraffic.USUAL_WEIGHT, 0, RegionTraffic.HIGHEST_WEIGHT);
        var load = settings.optional("load", FleetReader::amount);
        var capacity = settings.optional("capacity", FleetReader::amount);
        return settings.build(() -> new Region(
                region,
                nodes.get().values().stream()
                        .sorted(Comparator.comparing(Node::id))
                        .toList(),
                new RegionTraffic(awsRegion.get(), weight.get(), known(load.get()), known(capacity.get()))));
    }

    private Setting<Node> node(
            NodeId id,
            Settings settings,
            Setting<Optional<String>> regionMirror,
            Setting<Optional<FabricKind>> regionFabric,
            Inherited fleet) {
        NodeId namesake = names.putIfAbsent(id.node(), id);
        if (namesake != null) {
            settings.problem("the name " + id.node() + " belongs to " + namesake
                    + " already: names of nodes are unique in a fleet");
        }
        var address = settings.required("address", text -> address(id, text));
        var mirror = settings.raw("mirror");
        var fabric = settings.optional("fabric", FabricKind::parse);
        var login = settings.optionalSection("ssh", NodeLogin::read);
        return settings.build(() -> {
            FabricKind from = fabric.get().or(regionFabric::get).orElseGet(fleet.fabric()::get);
            Optional<String> root =
                    from == FabricKind.LOCAL ? Optional.of(fleet.local().get().root(id)) : Optional.empty();
            var overlay = MirrorOverlay.of(
                            id,
                            address.get(),
                            List.of(
                                    mirror.get(),
                                    regionMirror.get(),
                                    fleet.mirror().get()),
                            fleet.wheels().get(),
                            root,
                            fleet.certificates().get().isPresent())
                    .tellingClients(
                            id.region(),
                            fleet.dns().get().map(DnsSettings::name),
                            fleet.built()
                                    .get()
                                    .map(built -> built.platforms().keySet())
                                    .orElse(Set.of()));
            NodeLogin way = login.get().orElse(NodeLogin.USUAL);
            return new Node(
                    id,
                    address.get(),
                    overlay.clientPort(),
                    overlay.encryptedPort(),
                    overlay.isIssued(),
                    overlay.operationsHost(),
                    overlay.operationsPort(),
                    overlay.text(),
                    from,
                    root.orElse(way.root()),
                    way);
        });
    }

    private NodeAddress address(NodeId id, String text) {
        var address = NodeAddress.parse(text);
        NodeId other = addresses.putIfAbsent(address, id);
        if (other != null) {
            throw new IllegalArgumentException("'" + text + "' is the address of " + other + " already");
        }
        return address;
    }

    /** A whole number of whatever unit the operator counts in. */
    private static Long amount(String text) {
        if (!AMOUNT.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is no whole number from 1 to 999999999999");
        }
        return Long.valueOf(text);
    }

    private static OptionalLong known(Optional<Long> amount) {
        return amount.map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    private static RegionName regionName(String text) {
        if (TAKEN.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no name for a region: 'nodes' and 'next-…' are names that DNS needs itself");
        }
        return new RegionName(text);
    }

    private static void checkRegions(RolloutSettings rollout, List<Region> regions) {
        for (RolloutSettings.Wave wave : rollout.waves()) {
            for (RegionName name : wave.regions()) {
                if (regions.stream().noneMatch(region -> region.name().equals(name))) {
                    throw new IllegalArgumentException(
                            "rollout.waves names the region " + name + ", which isn't there");
                }
            }
        }
    }

    private static void checkPolicy(DnsPolicy policy, List<Region> regions) {
        switch (policy) {
            case FAILOVER -> {}
            case LATENCY -> {
                Map<AwsRegion, RegionName> known = new EnumMap<>(AwsRegion.class);
                for (Region region : regions) {
                    AwsRegion near = region.traffic()
                            .awsRegion()
                            .orElseThrow(() ->
                                    new IllegalArgumentException("dns.policy = latency needs regions." + region.name()
                                            + ".aws-region: the AWS region nearest to it, such as eu-central-1"));
                    RegionName other = known.putIfAbsent(near, region.name());
                    if (other != null) {
                        throw new IllegalArgumentException(
                                "regions." + region.name() + ".aws-region is " + near
                                        + ", as that of " + other
                                        + ": a latency record is told from the others by it. Name the next nearest for one of them");
                    }
                }
            }
            case WEIGHTED -> {
                if (regions.stream().allMatch(region -> region.traffic().weight() == 0)) {
                    throw new IllegalArgumentException("dns.policy = weighted needs a region with a weight above 0:"
                            + " where all are 0, Route 53 takes them for equal");
                }
            }
        }
    }

    private static void checkEncryption(CheckProtocol protocol, List<Region> regions) {
        List<String> plain = regions.stream()
                .flatMap(region -> region.nodes().stream())
                .filter(node -> node.encryptedPort().isEmpty())
                .map(node -> node.id().toString())
                .toList();
        if (protocol == CheckProtocol.HTTPS && !plain.isEmpty()) {
            throw new IllegalArgumentException(
                    "dns.check-protocol = https needs mirror.tls { certificate = …, key = … } for"
                            + " every node, since health checkers ask at its port, and there is none for "
                            + String.join(", ", plain));
        }
    }

    private static void checkLengths(DnsSettings dns, List<Region> regions) {
        for (Region region : regions) {
            int length = LONGEST_PREFIX
                    + region.name().value().length()
                    + 1
                    + dns.name().value().length();
            if (length > LONGEST_NAME) {
                throw new IllegalArgumentException("dns.name is too long: with region " + region.name()
                        + " in front, names in DNS would have " + length + " characters, and " + LONGEST_NAME
                        + " are allowed");
            }
        }
    }
}
