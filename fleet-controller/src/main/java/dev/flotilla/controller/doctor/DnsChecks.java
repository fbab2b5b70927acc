package dev.flotilla.controller.doctor;

import static dev.flotilla.controller.doctor.Finding.Area.DNS;

import dev.flotilla.controller.client.NameServer;
import dev.flotilla.controller.dns.DnsPlan;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.status.FleetView.NameView;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** The zone by its API and by the servers that the world asks, and whether both are the same zone. */
final class DnsChecks {

    private final DnsSettings dns;
    private final FleetDns records;
    private final Duration question;

    /** @param question the most that one question to a name server may take */
    DnsChecks(DnsSettings dns, FleetDns records, Duration question) {
        this.dns = dns;
        this.records = records;
        this.question = question;
    }

    /**
     * What the API says of the zone.
     *
     * @param marker what stands at the marker's name; absent where nothing does or nobody knows
     */
    record Api(Finding finding, Optional<FleetDns.Claim> marker) {}

    Api api() throws IOException, InterruptedException {
        Optional<FleetDns.Claim> marker = records.claim();
        return new Api(
                Finding.ok(
                        DNS,
                        "API",
                        "zone " + dns.zone() + " can be read"
                                + (marker.isPresent() ? "" : "; none of the fleet's names is in it yet")),
                marker);
    }

    static Api unreachable(String reason) {
        return new Api(
                Finding.fail(
                        DNS,
                        "API",
                        reason,
                        "see that dns.zone is right, and what has to be allowed: flotilla iam controller"),
                Optional.empty());
    }

    /** What would have to change if just these nodes served. */
    List<Finding> records(Set<NodeId> serving) throws IOException, InterruptedException {
        return switch (records.plan(serving)) {
            case DnsPlan.Planning.Refused refused -> List.of(Finding.fail(DNS, "records", refused.reason()));
            case DnsPlan.Planning.Planned planned -> {
                List<Finding> found = new ArrayList<>();
                planned.plan().conflicts().forEach(conflict -> found.add(Finding.fail(DNS, "records", conflict)));
                int changes = planned.plan().changeLines().size();
                found.add(
                        changes == 0
                                ? Finding.ok(DNS, "records", "they are as fleet.conf wants them")
                                : Finding.warn(
                                        DNS,
                                        "records",
                                        changes
                                                + (changes == 1
                                                        ? " record or check isn't"
                                                        : " records or checks aren't")
                                                + " as fleet.conf wants " + (changes == 1 ? "it" : "them"),
                                        "see flotilla plan"));
                yield found;
            }
        };
    }

    /** All that the zone is delegated to. */
    List<InetSocketAddress> servers() throws IOException {
        return NameServer.serversOf(dns.zone().value(), question).stream()
                .map(server -> new InetSocketAddress(server, NameServer.PORT))
                .toList();
    }

    static Finding undelegated(String reason) {
        return Finding.fail(
                DNS,
                "delegation",
                reason,
                "have the zone above name this zone's servers (NS), or see this machine's resolver");
    }

    /** Whether a server answers for the zone, and for the one that the API changes. */
    Finding server(InetSocketAddress server, Optional<FleetDns.Claim> marker) throws IOException {
        String subject = "name server " + server.getHostString();
        if (server.isUnresolved()) {
            return Finding.fail(DNS, subject, "it has no address that is known here", "see this machine's resolver");
        }
        Message start = ask(server, dns.zone().value(), Type.SOA);
        boolean answersForIt = start.getHeader().getFlag(Flags.AA)
                && start.getSection(Section.ANSWER).stream()
                        .anyMatch(record -> record.getType() == Type.SOA
                                && record.getName().equals(absolute(dns.zone().value())));
        if (!answersForIt) {
            return Finding.fail(
                    DNS,
                    subject,
                    "it doesn't answer for " + dns.zone(),
                    "the zone above names a server that doesn't have the zone: correct its NS records");
        }
        if (marker.isEmpty()) {
            return Finding.ok(DNS, subject, "answers for " + dns.zone());
        }
        boolean same = ask(server, marker.get().name().value(), Type.TXT).getSection(Section.ANSWER).stream()
                .filter(TXTRecord.class::isInstance)
                .map(Record::rdataToString)
                .anyMatch(marker.get().text()::equals);
        return same
                ? Finding.ok(DNS, subject, "answers for " + dns.zone() + ", as the API has it")
                : Finding.fail(
                        DNS,
                        subject,
                        "it answers for " + dns.zone() + " and doesn't know what the API says of "
                                + marker.get().name(),
                        "a change less than a minute old is on its way; otherwise the world asks another zone of that name: compare"
                                + " the NS records of the zone above with those that Route 53 shows for yours");
    }

    static Finding unanswered(InetSocketAddress server, String reason) {
        return Finding.fail(
                DNS,
                "name server " + server.getHostString(),
                "it could not be asked: " + reason,
                "see whether port 53 is open from here");
    }

    private Message ask(InetSocketAddress server, String name, int type) throws IOException {
        var resolver = new SimpleResolver(server);
        resolver.setTimeout(question);
        return resolver.send(Message.newQuery(Record.newRecord(absolute(name), type, DClass.IN)));
    }

    private static Name absolute(String name) {
        return Name.fromConstantString(name + ".");
    }

    /** What clients' names answer. */
    static Finding name(NameView name) {
        return name.problem()
                .map(problem -> Finding.fail(DNS, name.name().toString(), problem, "see flotilla plan"))
                .orElseGet(() ->
                        Finding.ok(DNS, name.name().toString(), "answers " + String.join(", ", name.addresses())));
    }
}
