package dev.flotilla.controller.dns;

import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.fleet.DnsName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * The TXT records by which an ACME server sees that names are the fleet's (RFC 8555, section 8.4), where aliases (CNAME) lead, as the
 * server follows them, too. Whatever stands there before is taken for what a killed controller left, and replaced. For the holder of the
 * fleet's lock, and one thread at a time.
 */
public final class ChallengeRecords {
    /** Servers ask the zone's own name servers; nobody else is to keep it. */
    private static final Duration TTL = Duration.ofSeconds(10);

    /** What resolvers follow at least. */
    private static final int MOST_ALIASES = 8;

    private static final String TYPE = "TXT";

    private final List<Place> places;
    private final FleetDns keeper;

    /** Names that may be written to: those at and below one, in the zone that has it. */
    record Place(DnsName name, Zone zone) {}

    ChallengeRecords(List<Place> places, FleetDns keeper) {
        this.places = places.stream()
                .sorted(Comparator.comparingInt(
                                (Place place) -> place.name().value().length())
                        .reversed())
                .toList();
        this.keeper = keeper;
    }

    /** What came of {@link #place}. */
    public sealed interface Placing {
        /** All servers of the zones answer them. */
        record Placed() implements Placing {}

        /** None serves, and why: not all could be placed, or not all servers answer them in time. */
        record Refused(String reason) implements Placing {}
    }

    /** Where one name is proved. */
    private sealed interface Spot {
        /** The name itself, or where its aliases end. */
        record Found(Zone zone, DnsName name) implements Spot {}

        record Unusable(String reason) implements Spot {}
    }

    /** The name at which a server asks for what proves that {@code name} is ours. */
    public static DnsName at(DnsName name) {
        return name.below("_acme-challenge");
    }

    /**
     * Places all, one change for each zone, and waits until every server of the zones answers them. Names whose aliases lead to one record
     * are proved by it together.
     *
     * @param digests for each certified name, what its record has to say
     */
    public Placing place(SequencedMap<DnsName, Set<String>> digests) throws IOException, InterruptedException {
        Map<Spot.Found, Set<String>> spots = new LinkedHashMap<>();
        for (Map.Entry<DnsName, Set<String>> entry : digests.entrySet()) {
            switch (spot(entry.getKey())) {
                case Spot.Unusable unusable -> {
                    return new Placing.Refused(unusable.reason());
                }
                case Spot.Found found ->
                    spots.computeIfAbsent(found, ignored -> new TreeSet<>()).addAll(entry.getValue());
            }
        }
        Map<Zone, List<Change>> batches = new LinkedHashMap<>();
        for (Map.Entry<Spot.Found, Set<String>> spot : spots.entrySet()) {
            RecordSet wanted = proof(spot.getKey().name(), spot.getValue());
            batches.computeIfAbsent(spot.getKey().zone(), ignored -> new ArrayList<>())
                    .add(standing(spot.getKey())
                            .<Change>map(present -> new Change.Replace(present, wanted))
                            .orElseGet(() -> new Change.Create(wanted)));
        }
        Map<Zone, String> accepted = new LinkedHashMap<>();
        for (Map.Entry<Zone, List<Change>> batch : batches.entrySet()) {
            Optional<String> lost = keeper.lost(Optional.empty());
            if (lost.isPresent()) {
                return new Placing.Refused(lost.get());
            }
            switch (batch.getKey().change(batch.getValue(), "ACME challenges")) {
                case Zone.Submission.Refused refused -> {
                    return new Placing.Refused(refused.reason());
                }
                case Zone.Submission.Accepted taken -> accepted.put(batch.getKey(), taken.changeId());
            }
        }
        for (Map.Entry<Zone, String> change : accepted.entrySet()) {
            if (!keeper.awaitSync(change.getKey(), change.getValue())) {
                return new Placing.Refused("not all servers of the zone answer the challenges in time: try again");
            }
        }
        return new Placing.Placed();
    }

    /** Removes whatever stands where these names are proved. Absent when it is gone. */
    public Optional<String> remove(Set<DnsName> names) throws IOException, InterruptedException {
        Set<Spot.Found> spots = new LinkedHashSet<>();
        for (DnsName name : names) {
            // Where nothing could be placed nothing stands.
            if (spot(name) instanceof Spot.Found found) {
                spots.add(found);
            }
        }
        Map<Zone, List<Change>> batches = new LinkedHashMap<>();
        for (Spot.Found spot : spots) {
            Optional<RecordSet> present = standing(spot);
            if (present.isPresent()) {
                batches.computeIfAbsent(spot.zone(), ignored -> new ArrayList<>())
                        .add(new Change.Delete(present.get()));
            }
        }
        for (Map.Entry<Zone, List<Change>> batch : batches.entrySet()) {
            Optional<String> lost = keeper.lost(Optional.empty());
            if (lost.isPresent()) {
                return lost;
            }
            if (batch.getKey().change(batch.getValue(), "ACME challenges are over")
                    instanceof Zone.Submission.Refused refused) {
                return Optional.of(refused.reason());
            }
        }
        return Optional.empty();
    }

    private Spot spot(DnsName certified) throws IOException, InterruptedException {
        Set<DnsName> seen = new LinkedHashSet<>();
        DnsName name = at(certified);
        while (seen.add(name)) {
            DnsName here = name;
            Optional<Place> place = places.stream()
                    .filter(candidate -> here.isAtOrBelow(candidate.name()))
                    .findFirst();
            if (place.isEmpty()) {
                return new Spot.Unusable(way(seen) + ", and the fleet writes at or below "
                        + String.join(
                                " and ",
                                places.stream().map(each -> each.name().value()).toList())
                        + " alone: let the alias (CNAME) lead there, or name the hosted zone to which it leads in"
                        + " certificates.challenge-zone");
            }
            Optional<RecordSet> alias = standing(place.get().zone(), here, "CNAME");
            if (alias.isEmpty()) {
                return new Spot.Found(place.get().zone(), here);
            }
            if (!(alias.get().content() instanceof Content.Values(Duration ignored, List<String> targets))) {
                return new Spot.Unusable(here + " is an alias of Route 53's own kind: let it be a CNAME record");
            }
            if (seen.size() > MOST_ALIASES) {
                return new Spot.Unusable(way(seen) + ": more than " + MOST_ALIASES + " aliases (CNAME) in a row");
            }
            try {
                name = DnsName.parse(targets.getFirst());
            } catch (IllegalArgumentException none) {
                return new Spot.Unusable(here + " is an alias (CNAME) that leads to no name: " + none.getMessage());
            }
        }
        return new Spot.Unusable(
                way(seen) + ", and from there to " + name + " again: its aliases (CNAME) go in a circle");
    }

    private static String way(Set<DnsName> names) {
        return String.join(" leads to ", names.stream().map(DnsName::value).toList());
    }

    private static Optional<RecordSet> standing(Spot.Found spot) throws IOException, InterruptedException {
        return standing(spot.zone(), spot.name(), TYPE);
    }

    private static Optional<RecordSet> standing(Zone zone, DnsName name, String type)
            throws IOException, InterruptedException {
        return zone.recordSets(name).stream()
                .filter(present -> present.name().equals(name) && present.type().equals(type))
                .findFirst();
    }

    private static RecordSet proof(DnsName name, Set<String> digests) {
        return new RecordSet(
                name,
                TYPE,
                Optional.empty(),
                new Routing.Simple(),
                new Content.Values(
                        TTL,
                        digests.stream()
                                .map(digest -> "\"" + digest + "\"")
                                .sorted()
                                .toList()),
                Optional.empty());
    }
}
