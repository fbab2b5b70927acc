package dev.flotilla.controller.dns;

import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.fleet.DnsName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The TXT records by which an ACME server sees that names are the fleet's (RFC 8555, section 8.4). Whatever stands there before
 * is taken for what a killed controller left, and replaced. For the holder of the fleet's lock, and one thread at a time.
 */
public final class ChallengeRecords {
    /** Servers ask the zone's own name servers; nobody else is to keep it. */
    private static final Duration TTL = Duration.ofSeconds(10);

    private static final String TYPE = "TXT";

    private final Zone zone;
    private final FleetDns keeper;

    ChallengeRecords(Zone zone, FleetDns keeper) {
        this.zone = zone;
        this.keeper = keeper;
    }

    /** What came of {@link #place}. */
    public sealed interface Placing {
        /** All servers of the zone answer them. */
        record Placed() implements Placing {}

        /** None was placed, or not all servers answer them in time. */
        record Refused(String reason) implements Placing {}
    }

    /** The name at which a server asks for what proves that {@code name} is ours. */
    public static DnsName at(DnsName name) {
        return name.below("_acme-challenge");
    }

    /**
     * Places all in one change, and waits until every server of the zone answers them.
     *
     * @param digests for each certified name, what its record has to say
     */
    public Placing place(SequencedMap<DnsName, Set<String>> digests) throws IOException, InterruptedException {
        List<Change> batch = new ArrayList<>();
        for (Map.Entry<DnsName, Set<String>> entry : digests.entrySet()) {
            DnsName name = at(entry.getKey());
            Optional<RecordSet> before = Optional.empty();
            for (RecordSet present : zone.recordSets(name)) {
                if (!present.name().equals(name)) {
                    continue;
                }
                if (present.type().equals("CNAME")) {
                    return new Placing.Refused(name + " is an alias (CNAME) for another name, and only the fleet's own"
                            + " zone is written to: delete it");
                }
                if (present.type().equals(TYPE)) {
                    before = Optional.of(present);
                }
            }
            var wanted = new RecordSet(
                    name,
                    TYPE,
                    Optional.empty(),
                    new Routing.Simple(),
                    new Content.Values(
                            TTL,
                            entry.getValue().stream()
                                    .map(digest -> "\"" + digest + "\"")
                                    .sorted()
                                    .toList()),
                    Optional.empty());
            batch.add(before.<Change>map(present -> new Change.Replace(present, wanted))
                    .orElseGet(() -> new Change.Create(wanted)));
        }
        Optional<String> lost = keeper.lost(Optional.empty());
        if (lost.isPresent()) {
            return new Placing.Refused(lost.get());
        }
        return switch (zone.change(batch, "ACME challenges")) {
            case Zone.Submission.Refused refused -> new Placing.Refused(refused.reason());
            case Zone.Submission.Accepted accepted ->
                keeper.awaitSync(accepted.changeId())
                        ? new Placing.Placed()
                        : new Placing.Refused("not all servers of the zone answer the challenges in time: try again");
        };
    }

    /** Removes whatever stands where these names are proved. Absent when it is gone. */
    public Optional<String> remove(Set<DnsName> names) throws IOException, InterruptedException {
        List<Change> batch = new ArrayList<>();
        for (DnsName name : names) {
            zone.recordSets(at(name)).stream()
                    .filter(present ->
                            present.name().equals(at(name)) && present.type().equals(TYPE))
                    .map(Change.Delete::new)
                    .forEach(batch::add);
        }
        if (batch.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> lost = keeper.lost(Optional.empty());
        if (lost.isPresent()) {
            return lost;
        }
        return switch (zone.change(batch, "ACME challenges are over")) {
            case Zone.Submission.Refused refused -> Optional.of(refused.reason());
            case Zone.Submission.Accepted ignored -> Optional.empty();
        };
    }
}
