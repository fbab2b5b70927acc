package dev.flotilla.controller.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Asks one server for each name, an authoritative one or a resolver, over UDP and where it has to be TCP (RFC 1035, section 4.2). */
public final class NameServerNames implements Names {
    private final InetSocketAddress server;
    private final Duration timeOut;
    private final List<Integer> types;

    /** With {@code alsoIpv6} it is asked for AAAA records, too. */
    public NameServerNames(InetSocketAddress server, Duration timeOut, boolean alsoIpv6) {
        this.server = server;
        this.timeOut = timeOut;
        this.types = alsoIpv6 ? List.of(Type.A, Type.AAAA) : List.of(Type.A);
    }

    @Override
    public Answer resolve(String host) {
        if (server.isUnresolved()) {
            return new Answer.None("the name server " + server.getHostString() + " has no address that is known here");
        }
        List<InetAddress> addresses = new ArrayList<>();
        long left = Integer.MAX_VALUE;
        try {
            var resolver = new SimpleResolver(server);
            resolver.setTimeout(timeOut);
            for (int type : types) {
                Message answer =
                        resolver.send(Message.newQuery(Record.newRecord(Name.fromString(host + "."), type, DClass.IN)));
                if (answer.getRcode() != Rcode.NOERROR) {
                    return new Answer.None(described() + " says " + Rcode.string(answer.getRcode()) + " to " + host);
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
            return new Answer.None(described() + " could not be asked for " + host + ": " + failed.getMessage());
        }
        addresses.sort(Comparator.comparing(InetAddress::getHostAddress));
        return addresses.isEmpty()
                ? new Answer.None(described() + " knows no address of " + host)
                : new Answer.Addresses(addresses, Duration.ofSeconds(left));
    }

    private String described() {
        return "the name server " + server.getHostString() + ":" + server.getPort();
    }
}
