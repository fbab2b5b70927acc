package dev.flotilla.controller.local.route53;

import dev.flotilla.controller.local.route53.AnswerRules.Choice;
import dev.flotilla.controller.local.route53.ClientPlaces.Place;
import dev.flotilla.controller.local.route53.HostedZones.Published;
import dev.flotilla.controller.local.route53.RecordContent.Values;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.HINFORecord;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Turns a DNS query into the answer of an authoritative server (RFC 1034 and 1035; RFC 2308 for negative answers, RFC
 * 6891 for EDNS, RFC 7871 for the client's network, RFC 8482 for ANY). Thread-safe: queries take turns, so that the random source need not be.
 */
final class DnsResponder {
    /** What fits into every path's frames; larger answers go over TCP (RFC 9715). */
    static final int UDP_BYTES_LIMIT = 1_232;

    private static final int PLAIN_UDP_BYTES = 512;
    private static final int TCP_BYTES_LIMIT = 65_535;
    private static final int HEADER_BYTES = 12;
    /** How many canonical names of the zone are followed in one answer. */
    private static final int CANONICAL_NAMES_LIMIT = 8;

    private static final long ANY_TTL_SECONDS = 3_600;

    private final HostedZones zones;
    private final AnswerRules rules;
    private final ClientPlaces clients;

    DnsResponder(HostedZones zones, AnswerRules rules, ClientPlaces clients) {
        this.zones = zones;
        this.rules = rules;
        this.clients = clients;
    }

    /** The answer to a datagram; empty where none may be given. */
    Optional<byte[]> answerDatagram(byte[] query, InetAddress client) {
        return answer(query, client, false);
    }

    /** The answer to a message that came over a connection; empty where none may be given. */
    Optional<byte[]> answerConnection(byte[] query, InetAddress client) {
        return answer(query, client, true);
    }

    private synchronized Optional<byte[]> answer(byte[] wire, InetAddress client, boolean connection) {
        // An answer that is answered would go round for ever: QR is the highest bit of the third byte.
        if (wire.length < HEADER_BYTES || (wire[2] & 0x80) != 0) {
            return Optional.empty();
        }
        Message query;
        try {
            query = new Message(wire);
        } catch (IOException | IllegalArgumentException malformed) {
            return Optional.of(formatError(wire));
        }
        OPTRecord extension = query.getOPT();
        int limit = PLAIN_UDP_BYTES;
        if (connection) {
            limit = TCP_BYTES_LIMIT;
        } else if (extension != null) {
            limit = Math.clamp(extension.getPayloadSize(), PLAIN_UDP_BYTES, UDP_BYTES_LIMIT);
        }
        return Optional.of(respond(query, client).toWire(limit));
    }

    private static byte[] formatError(byte[] wire) {
        Header header = new Header(((wire[0] & 0xff) << 8) | (wire[1] & 0xff));
        header.setFlag(Flags.QR);
        header.setOpcode((wire[2] >> 3) & 0x0f);
        header.setRcode(Rcode.FORMERR);
        return header.toWire();
    }

    private Message respond(Message query, InetAddress client) {
        Message response = new Message(query.getHeader().getID());
        Header header = response.getHeader();
        header.setFlag(Flags.QR);
        header.setOpcode(query.getHeader().getOpcode());
        if (query.getHeader().getFlag(Flags.RD)) {
            header.setFlag(Flags.RD);
        }
        query.getSection(Section.QUESTION).forEach(question -> response.addRecord(question, Section.QUESTION));
        int code = judge(query);
        List<EDNSOption> options = List.of();
        if (code == Rcode.NOERROR) {
            Optional<ClientSubnetOption> subnet = subnet(query.getOPT());
            Optional<Place> place =
                    clients.of(subnet.map(ClientSubnetOption::getAddress).orElse(client));
            code = resolve(query.getQuestion(), place.map(Place::nearest).orElse(List.of()), response);
            options = subnet.map(asked -> echo(asked, place)).stream().toList();
        }
        header.setRcode(code & 0x0f);
        if (query.getOPT() != null) {
            // The upper bits of an extended code, such as BADVERS, travel in the OPT record.
            response.addRecord(new OPTRecord(UDP_BYTES_LIMIT, code >> 4, 0, 0, options), Section.ADDITIONAL);
        }
        return response;
    }

    /** The network that the client of a resolver is in, where the resolver says it (RFC 7871, section 6). */
    private static Optional<ClientSubnetOption> subnet(@Nullable OPTRecord extension) {
        return extension == null
                ? Optional.empty()
                : extension.getOptions(EDNSOption.Code.CLIENT_SUBNET).stream()
                        .filter(ClientSubnetOption.class::isInstance)
                        .map(ClientSubnetOption.class::cast)
                        .filter(subnet -> subnet.getSourcePrefixLength() > 0)
                        .findFirst();
    }

    /** RFC 7871, section 7.2.1: as it was asked, with the prefix for which the answer holds. */
    private static EDNSOption echo(ClientSubnetOption asked, Optional<Place> place) {
        return new ClientSubnetOption(
                asked.getSourcePrefixLength(), place.map(Place::prefixBits).orElse(0), asked.getAddress());
    }

    /** The code of a query that isn't looked up; NOERROR for one that is. */
    private static int judge(Message query) {
        if (query.getHeader().getOpcode() != Opcode.QUERY) {
            return Rcode.NOTIMP;
        }
        Record question = query.getQuestion();
        if (question == null || query.getHeader().getCount(Section.QUESTION) != 1) {
            return Rcode.FORMERR;
        }
        long extensions = query.getSection(Section.ADDITIONAL).stream()
                .filter(record -> record.getType() == Type.OPT)
                .count();
        if (extensions > 1) {
            return Rcode.FORMERR;
        }
        OPTRecord extension = query.getOPT();
        if (extension != null && extension.getVersion() != 0) {
            return Rcode.BADVERS;
        }
        boolean transfer = question.getType() == Type.AXFR || question.getType() == Type.IXFR;
        return question.getDClass() != DClass.IN || transfer ? Rcode.REFUSED : Rcode.NOERROR;
    }

    private int resolve(Record question, List<String> nearest, Message response) {
        Optional<DomainName> name = read(question.getName());
        Optional<Published> zone = name.flatMap(zones::holding);
        if (name.isEmpty() || zone.isEmpty()) {
            // A name that the stand-in can't hold has no records in a zone that may well be held.
            return negativeForStrangeName(question.getName(), response);
        }
        response.getHeader().setFlag(Flags.AA);
        if (question.getType() == Type.ANY) {
            return resolveAny(zone.get(), name.get(), question.getName(), response);
        }
        Optional<RecordType> type = RecordType.coded(question.getType());
        if (type.isEmpty()) {
            return negative(zone.get(), name.get(), response);
        }
        return follow(zone.get(), name.get(), question.getName(), type.get(), nearest, response);
    }

    /** Puts the answer into the response, and those under the canonical names of this zone that it leads to. */
    private int follow(
            Published zone, DomainName first, Name asked, RecordType type, List<String> nearest, Message response) {
        DomainName name = first;
        Name owner = asked;
        Set<DomainName> passed = new HashSet<>();
        while (passed.size() < CANONICAL_NAMES_LIMIT && passed.add(name)) {
            switch (rules.choose(zone.records(), name, type, nearest)) {
                case Choice.Found found -> {
                    add(owner, type, found.values(), response);
                    return Rcode.NOERROR;
                }
                case Choice.CanonicalName canonical -> {
                    add(owner, RecordType.CNAME, canonical.values(), response);
                    owner = Name.fromConstantString(
                            absolute(canonical.values().values().getFirst()));
                    Optional<DomainName> next = read(owner)
                            .filter(target -> target.isWithin(zone.zone().name()));
                    if (next.isEmpty()) {
                        return Rcode.NOERROR;
                    }
                    name = next.get();
                }
                case Choice.NoData _ -> {
                    return withAuthority(zone, Rcode.NOERROR, response);
                }
                case Choice.NoName _ -> {
                    return withAuthority(zone, Rcode.NXDOMAIN, response);
                }
            }
        }
        return Rcode.NOERROR;
    }

    private static int resolveAny(Published zone, DomainName name, Name asked, Message response) {
        if (!zone.records().exists(name)) {
            return withAuthority(zone, Rcode.NXDOMAIN, response);
        }
        if (zone.records().named(name).isEmpty()) {
            return withAuthority(zone, Rcode.NOERROR, response);
        }
        response.addRecord(new HINFORecord(asked, DClass.IN, ANY_TTL_SECONDS, "RFC8482", ""), Section.ANSWER);
        return Rcode.NOERROR;
    }

    private static int negative(Published zone, DomainName name, Message response) {
        return withAuthority(zone, zone.records().exists(name) ? Rcode.NOERROR : Rcode.NXDOMAIN, response);
    }

    private int negativeForStrangeName(Name asked, Message response) {
        for (int labels = 1; labels < asked.labels(); labels++) {
            Optional<Published> zone = read(new Name(asked, labels)).flatMap(zones::holding);
            if (zone.isPresent()) {
                response.getHeader().setFlag(Flags.AA);
                return withAuthority(zone.get(), Rcode.NXDOMAIN, response);
            }
        }
        return Rcode.REFUSED;
    }

    /** RFC 2308: the zone's SOA, with the shorter of its own TTL and its negative one, says how long "no" may be kept. */
    private static int withAuthority(Published zone, int code, Message response) {
        Name apex = Name.fromConstantString(zone.zone().name().text());
        for (RecordSet set : zone.records().group(zone.zone().name(), RecordType.SOA)) {
            if (set.content() instanceof Values values) {
                SOARecord soa = (SOARecord) RecordData.record(
                        apex, RecordType.SOA, 0, values.values().getFirst());
                long seconds = Math.min(values.ttlSeconds(), soa.getMinimum());
                response.addRecord(
                        RecordData.record(
                                apex, RecordType.SOA, seconds, values.values().getFirst()),
                        Section.AUTHORITY);
            }
        }
        return code;
    }

    private static void add(Name owner, RecordType type, Values values, Message response) {
        for (String value : values.values()) {
            response.addRecord(RecordData.record(owner, type, values.ttlSeconds(), value), Section.ANSWER);
        }
    }

    private static String absolute(String name) {
        return name.endsWith(".") ? name : name + ".";
    }

    private static Optional<DomainName> read(Name name) {
        try {
            return Optional.of(DomainName.parse(name.toString()));
        } catch (IllegalArgumentException strange) {
            return Optional.empty();
        }
    }
}
