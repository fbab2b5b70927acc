package dev.flotilla.controller.fleet;

import dev.flotilla.agent.bucket.BucketLocation;
import dev.flotilla.settings.Loading;
import dev.flotilla.settings.SettingsFile;
import dev.flotilla.vocabulary.FleetName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The whole desired state of a fleet, as {@code fleet.conf} says it.
 *
 * @param file where it was read from, absolute
 * @param certificates by whom the fleet's certificates are issued; absent where that is left to others
 * @param ssh how to come to the machines; absent where nobody has said, and then only nodes' reports tell of them
 * @param local where machines are that are folders of this computer
 * @param provision what machines get so that they are nodes
 * @param regions in the order of the file, which is the order of failover; at least one
 * @param minimumServing nodes of the whole fleet that no drain goes below
 * @param rollout how a release goes through the fleet
 * @param wheels which wheels are built for clients; absent where none are
 * @param firewall with whom nodes may speak; absent where nobody has said
 * @param drillsMayKill whether a drill may kill mirrors: for fleets that nobody needs
 * @param program the mirror's archive, where it isn't the one that comes with the controller
 * @param agent the agent's archive, likewise
 */
public record FleetConfiguration(
        Path file,
        FleetName name,
        BucketLocation bucket,
        TrustSettings trust,
        Optional<DnsSettings> dns,
        Optional<CertificateSettings> certificates,
        Optional<SshSettings> ssh,
        LocalSettings local,
        ProvisionSettings provision,
        List<Region> regions,
        int minimumServing,
        RolloutSettings rollout,
        Optional<WheelsSettings> wheels,
        Optional<FirewallSettings> firewall,
        boolean drillsMayKill,
        Optional<Path> program,
        Optional<Path> agent) {
    /** The object in the file in which everything stands. */
    public static final String ROOT = "flotilla.fleet";

    public FleetConfiguration {
        regions = List.copyOf(regions);
        if (regions.isEmpty()) {
            throw new IllegalArgumentException("a fleet needs at least one region: regions { east { nodes { … } } }");
        }
    }

    /** Reads a {@code fleet.conf}; relative paths in it are meant from its own folder. */
    public static Loading<FleetConfiguration> load(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return SettingsFile.load(file, ROOT, settings -> new FleetReader(absolute).read(settings));
    }

    /** The most that bringing a file to a machine may take. */
    public Duration transferTimeOut() {
        return ssh.map(SshSettings::transferTimeOut).orElse(SshSettings.USUAL_TRANSFER);
    }

    /** Whether anybody has said how to come to a node's machine. */
    public boolean reaches(Node node) {
        return switch (node.fabric()) {
            case STATIC -> ssh.isPresent();
            case LOCAL -> true;
        };
    }

    /** The nodes that plan and apply make of machines: those that they can come to, and that aren't left to others. */
    public List<Node> managed() {
        return provision.managed() ? nodes().stream().filter(this::reaches).toList() : List.of();
    }

    /** All nodes, in the order of their regions. */
    public List<Node> nodes() {
        return regions.stream().flatMap(region -> region.nodes().stream()).toList();
    }
}
