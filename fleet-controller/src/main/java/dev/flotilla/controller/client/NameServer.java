package dev.flotilla.controller.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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

/**
 * One name server, an authoritative one or a resolver, that is asked for addresses past every cache, over UDP and where it has to be TCP (RFC
 * 1035, section 4.2). Thread-safe.
 *
 * @param timeOut for one question; a name is two where IPv6 is asked for, too
 * @param alsoIpv6 whether it is asked for AAAA records, too
 */
public record NameServer(InetSocketAddress address, Duration timeOut, boolean alsoIpv6) {
    /** Where name servers listen. */
    public static final int PORT = 53;

    /** What came of a question. */
    public sealed interface Reply {
        /**
         * Addresses in the order of their text; none where the name has none.
         *
         * @param left how long they may be kept from now on
         */
        record Addresses(List<InetAddress> addresses, Duration left) implements Reply {
            public Addresses {
                addresses = List.copyOf(addresses);
            }

            public List<String> texts() {
                return addresses.stream().map(InetAddress::getHostAddress).toList();
            }
        }

        /**
         * It answered, and not with addresses.
         *
         * @param code the code's name (RFC 1035, section 4.1.1)
         */
        record Refused(String code) implements Reply {}

        /** It has no address that is known here, or gave no answer. */
        record Silent(String reason) implements Reply {}
    }

    /** The names of all servers that a zone is delegated to, as this machine's resolver finds them; at least one. */
    public static List<String> serversOf(String zone, Duration timeOut) throws IOException {
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

    /** {@code host} is without the dot at its end. */
    public Reply ask(String host) {
        if (address.isUnresolved()) {
            return new Reply.Silent(
                    "the name server " + address.getHostString() + " has no address that is known here");
        }
        List<InetAddress> addresses = new ArrayList<>();
        long left = Integer.MAX_VALUE;
        try {
            var resolver = new SimpleResolver(address);
            resolver.setTimeout(timeOut);
            for (int type : alsoIpv6 ? List.of(Type.A, Type.AAAA) : List.of(Type.A)) {
                Message answer =
                        resolver.send(Message.newQuery(Record.newRecord(Name.fromString(host + "."), type, DClass.IN)));
                if (answer.getRcode() != Rcode.NOERROR) {
                    return new Reply.Refused(Rcode.string(answer.getRcode()));
                }
                for (Record record : answer.getSection(Section.ANSWER)) {
                    switch (record) {
                        case ARecord ipv4 -> addresses.add(ipv4.getAddress());
                        case AAAARecord ipv6 -> addresses.add(ipv6.getAddress());
                        default -> {
                            // A CNAME's lifetime bounds that of the whole answer all the same.
                        }
                    }
                    left = Math.min(left, record.getTTL());
                }
            }
        } catch (IOException failed) {
            return new Reply.Silent(
                    "the name server " + this + " could not be asked for " + host + ": " + failed.getMessage());
        }
        addresses.sort(Comparator.comparing(InetAddress::getHostAddress));
        return new Reply.Addresses(addresses, Duration.ofSeconds(left));
    }

    @Override
    public String toString() {
        return address.getHostString() + ":" + address.getPort();
    }
}
