package dev.flotilla.controller.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.xbill.DNS.ResolverConfig;

/**
 * Asks this machine's resolvers themselves, past what Java keeps, and where they know nothing its usual ways, such as its hosts file.
 * Thread-safe.
 */
public final class SystemNames implements Names {
    private final List<Names> servers;

    public SystemNames(Duration timeOut, boolean alsoIpv6) {
        List<InetSocketAddress> known = ResolverConfig.getCurrentConfig().servers();
        this.servers = known.stream()
                .<Names>map(server -> new NameServerNames(server, timeOut, alsoIpv6))
                .toList();
    }

    @Override
    public Answer resolve(String host) {
        Answer last = new Answer.None("this machine has no resolver");
        for (Names server : servers) {
            last = server.resolve(host);
            if (last instanceof Answer.Addresses) {
                return last;
            }
        }
        try {
            return new Answer.Addresses(
                    Stream.of(InetAddress.getAllByName(host))
                            .sorted(Comparator.comparing(InetAddress::getHostAddress))
                            .toList(),
                    Duration.ZERO);
        } catch (UnknownHostException unknown) {
            return last;
        }
    }
}
