package dev.flotilla.controller.simulate;

import dev.flotilla.agent.intent.Failback;
import dev.flotilla.controller.dns.Change;
import dev.flotilla.controller.dns.CheckReference;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.dns.Zone;
import dev.flotilla.controller.fleet.CheckProtocol;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.DnsPolicy;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.local.route53.ClientPlaces;
import dev.flotilla.controller.local.route53.Exemption;
import dev.flotilla.controller.local.route53.Route53Options;
import dev.flotilla.controller.local.route53.Route53StandIn;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.model.HealthCheckType;

/**
 * A zone in the stand-in whose checks are what the test says: none of them probes, since a disabled check is healthy, and
 * an inverted one that is disabled isn't. Clients' places are told by their network.
 */
final class StandInZone implements AutoCloseable {
    private static final int TIME_OUT_MILLIS = 5_000;

    private final Route53StandIn standIn;
    private final Route53Client client;
    private final Zone zone;
    private final DatagramSocket socket;
    private final List<List<String>> places;
    private final Map<String, String> checks = new HashMap<>();
    private final Set<String> down = new HashSet<>();
    private List<RecordSet> records = List.of();

    /**
     * An empty zone.
     *
     * @param places the orders of AWS regions in which clients are near them
     */
    StandInZone(DnsName name, Set<List<String>> places) throws IOException {
        this.places = List.copyOf(new LinkedHashSet<>(places));
        List<ClientPlaces.Place> networks = new ArrayList<>();
        for (List<String> nearest : this.places) {
            networks.add(new ClientPlaces.Place(network(nearest), 24, nearest));
        }
        standIn = Route53StandIn.start(Route53Options.onLoopback()
                .withChangeDelay(Duration.ZERO)
                .withRandom(new Random(53))
                .withClients(new ClientPlaces(networks))
                .withExemptions(Exemption.UNTHROTTLED));
        client = Route53Client.builder()
                .endpointOverride(standIn.endpoint())
                .region(Region.AWS_GLOBAL)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
        client.createHostedZone(request -> request.name(name.value()).callerReference("zone"));
        zone = Route53Zone.open(
                new DnsSettings(
                        name,
                        name,
                        DnsPolicy.FAILOVER,
                        Optional.of(standIn.endpoint()),
                        Duration.ofSeconds(60),
                        CheckProtocol.HTTP,
                        Duration.ofSeconds(10),
                        3,
                        Set.of(),
                        Failback.AT_ONCE,
                        100),
                AnonymousCredentialsProvider.create());
        socket = new DatagramSocket();
        socket.setSoTimeout(TIME_OUT_MILLIS);
        socket.connect(standIn.dnsAddress());
    }

    /** Puts these records into the place of those before. Aliases stand behind what they lead to. */
    void put(List<RecordSet> others) throws IOException, InterruptedException {
        List<Change> batch = new ArrayList<>();
        records.reversed().forEach(set -> batch.add(new Change.Delete(set)));
        List<RecordSet> written = new ArrayList<>();
        for (RecordSet set : others) {
            RecordSet known = set.check().isEmpty()
                    ? set
                    : withCheck(set, check(label(set.check().get())));
            written.add(known);
            batch.add(new Change.Create(known));
        }
        if (zone.change(batch, "test") instanceof Zone.Submission.Refused refused) {
            throw new AssertionError(refused.reason());
        }
        records = written;
    }

    /** From now on these checks are unhealthy, and all others healthy. */
    void down(Set<CheckReference> unhealthy) {
        Set<String> labels = unhealthy.stream().map(StandInZone::label).collect(Collectors.toSet());
        checks.forEach((label, id) -> {
            if (labels.contains(label) ? down.add(label) : down.remove(label)) {
                client.updateHealthCheck(request -> request.healthCheckId(id).inverted(labels.contains(label)));
            }
        });
    }

    /** Asks once; what comes is empty where there is nothing. */
    Set<String> ask(DnsName name, String type, List<String> nearest) throws IOException {
        Record question = Record.newRecord(Name.fromString(name + "."), Type.value(type), DClass.IN);
        Message query = Message.newQuery(question);
        query.addRecord(
                new OPTRecord(1_232, 0, 0, 0, new ClientSubnetOption(24, network(nearest))), Section.ADDITIONAL);
        byte[] asked = query.toWire();
        socket.send(new DatagramPacket(asked, asked.length));
        var packet = new DatagramPacket(new byte[4_096], 4_096);
        Message answer;
        do {
            socket.receive(packet);
            answer = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
        } while (answer.getHeader().getID() != query.getHeader().getID());
        return answer.getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private InetAddress network(List<String> nearest) throws IOException {
        return InetAddress.getByAddress(new byte[] {10, 53, (byte) (places.indexOf(nearest) + 1), 0});
    }

    private String check(String label) {
        return checks.computeIfAbsent(
                label,
                key -> client.createHealthCheck(request -> request.callerReference(key)
                                .healthCheckConfig(config -> config.type(HealthCheckType.TCP)
                                        .ipAddress("1.1.1.1")
                                        .port(1)
                                        .disabled(true)))
                        .healthCheck()
                        .id());
    }

    private static String label(CheckReference check) {
        return switch (check) {
            case CheckReference.Existing existing -> existing.id();
            case CheckReference.Wanted wanted -> wanted.settings().address().toString();
        };
    }

    private static RecordSet withCheck(RecordSet set, String id) {
        return new RecordSet(
                set.name(),
                set.type(),
                set.identifier(),
                set.routing(),
                set.content(),
                Optional.of(new CheckReference.Existing(id)));
    }

    @Override
    public void close() {
        socket.close();
        zone.close();
        client.close();
        standIn.close();
    }
}
