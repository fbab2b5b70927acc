package dev.flotilla.controller.local;

import dev.flotilla.controller.certificates.LoopbackAuthority.Server;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Set;

/** One region of the local fleet: a loopback address of its own, so that moving a name moves clients, and one node. */
record LocalRegion(RegionName name, NodeName node, InetAddress address) {
    /** In the order of failover. */
    static final List<LocalRegion> ALL = List.of(of("east", "127.0.1.1"), of("west", "127.0.2.1"));

    private static LocalRegion of(String name, String address) {
        return new LocalRegion(new RegionName(name), new NodeName(name + "-1"), InetAddress.ofLiteral(address));
    }

    static List<InetAddress> addresses() {
        return ALL.stream().map(LocalRegion::address).toList();
    }

    String host() {
        return address.getHostAddress();
    }

    /** What clients may call it: its address, the fleet's name, or its own. */
    Server server() {
        return new Server(
                name,
                address,
                Set.of(DnsName.parse(ConfigurationFiles.NAME), DnsName.parse(name + "." + ConfigurationFiles.NAME)));
    }

    URI encryptedAt(int port, String path) {
        return URI.create("https://" + host() + ":" + port + path);
    }

    URI at(int port, String path) {
        return URI.create("http://" + host() + ":" + port + path);
    }
}
