package dev.flotilla.controller.local.route53;

import java.util.List;
import java.util.Optional;

/**
 * One hosted zone (API Reference, HostedZone).
 *
 * @param id without {@code /hostedzone/}
 * @param nameServers the names in the zone's NS record; nothing answers under them, since clients are told the address
 */
record HostedZone(
        String id, DomainName name, String callerReference, Optional<String> comment, List<String> nameServers) {
    private static final long NS_TTL_SECONDS = 172_800;
    private static final long SOA_TTL_SECONDS = 900;

    HostedZone {
        nameServers = List.copyOf(nameServers);
    }

    /** What a new zone holds (Developer Guide, "NS and SOA records that Amazon Route 53 creates for a public hosted zone"). */
    ZoneRecords initialRecords() {
        String authority = nameServers.getFirst() + " hostmaster." + name + " 1 7200 900 1209600 86400";
        return ZoneRecords.of(List.of(
                simple(RecordType.NS, new RecordContent.Values(NS_TTL_SECONDS, nameServers)),
                simple(RecordType.SOA, new RecordContent.Values(SOA_TTL_SECONDS, List.of(authority)))));
    }

    private RecordSet simple(RecordType type, RecordContent.Values values) {
        return new RecordSet(name, type, new Routing.Simple(), values, Optional.empty());
    }
}
