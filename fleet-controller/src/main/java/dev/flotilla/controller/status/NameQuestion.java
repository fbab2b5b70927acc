package dev.flotilla.controller.status;

import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.status.FleetView.NameView;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.Lookup;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Asks a name server for a name's addresses, past every cache (RFC 1035, section 4). */
public final class NameQuestion {
    private static final int DNS_PORT = 53;

    private final InetSocketAddress server;
    private final Duration timeOut;
    private final boolean alsoIpv6;

    NameQuestion(InetSocketAddress server, Duration timeOut, boolean alsoIpv6) {
        this.server = server;
        this.timeOut = timeOut;
        this.alsoIpv6 = alsoIpv6;
    }

    /**
     * One of the zone's own servers, found through this machine's resolver: this works while the API of the zone's provider
     * does not.
     */
    static InetSocketAddress serverOf(DnsName zone, Duration timeOut) throws IOException {
        return new InetSocketAddress(serversOf(zone, timeOut).getFirst(), DNS_PORT);
    }

    /** The names of all servers that the zone is delegated to, as this machine's resolver finds them; at least one. */
    public static List<String> serversOf(DnsName zone, Duration timeOut) throws IOException {
        var resolver = new ExtendedResolver();
        resolver.setTimeout(timeOut);
        var lookup = new Lookup(Name.fromString(zone + "."), Type.NS);
        lookup.setResolver(resolver);
        Record[] servers = lookup.run();
        if (servers == null || servers.length == 0) {
            throw new IOException("no name server of zone " + zone + " was found: " + lookup.getErrorString());
        }
        return Stream.of(servers)
                .map(server -> ((NSRecord) server).getTarget().toString(true))
                .toList();
    }

    NameView ask(DnsName name) {
        var addresses = new TreeSet<String>();
        List<Integer> types = alsoIpv6 ? List.of(Type.A, Type.AAAA) : List.of(Type.A);
        for (int type : types) {
            Optional<String> problem = ask(name, type, addresses);
            if (problem.isPresent()) {
                return new NameView(name, new ArrayList<>(addresses), problem);
            }
        }
        return new NameView(
                name,
                new ArrayList<>(addresses),
                addresses.isEmpty() ? Optional.of("has no address yet") : Optional.empty());
    }

    private Optional<String> ask(DnsName name, int type, Set<String> addresses) {
        if (server.isUnresolved()) {
            return Optional.of("the name server " + server.getHostString() + " has no address that is known here");
        }
        try {
            var resolver = new SimpleResolver(server);
            resolver.setTimeout(timeOut);
            Message answer =
                    resolver.send(Message.newQuery(Record.newRecord(Name.fromString(name + "."), type, DClass.IN)));
            if (answer.getRcode() != Rcode.NOERROR) {
                return Optional.of("the name server says " + Rcode.string(answer.getRcode()));
            }
            for (Record record : answer.getSection(Section.ANSWER)) {
                address(record).map(InetAddress::getHostAddress).ifPresent(addresses::add);
            }
            return Optional.empty();
        } catch (IOException failed) {
            return Optional.of("the name server " + server.getHostString() + ":" + server.getPort()
                    + " could not be asked: " + failed.getMessage());
        }
    }

    private static Optional<InetAddress> address(Record record) {
        return switch (record) {
            case ARecord ipv4 -> Optional.of(ipv4.getAddress());
            case AAAARecord ipv6 -> Optional.of(ipv6.getAddress());
            default -> Optional.empty();
        };
    }
}
