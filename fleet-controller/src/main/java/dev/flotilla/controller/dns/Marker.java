package dev.flotilla.controller.dns;

import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.vocabulary.FleetName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The TXT record {@code _flotilla.‹name›}, which says whose the names are and how often they were changed. Every batch
 * deletes the marker that its plan saw and creates the next one, so that a batch made from an old view of the zone fails
 * as a whole. It also says which holder of the fleet's lock wrote last: an earlier one writes nothing over that.
 *
 * @param lock the generation of the fleet's lock, 0 where it was changed without
 */
record Marker(FleetName fleet, long generation, long lock) {
    private static final Duration TTL = Duration.ofMinutes(5);
    private static final String TYPE = "TXT";
    private static final Pattern TEXT =
            Pattern.compile("\"flotilla fleet=([a-z0-9-]{1,63}) generation=([0-9]{1,18})(?: lock=([0-9]{1,18}))?\"");

    static DnsName at(DnsName name) {
        return name.below("_flotilla");
    }

    /** The record set of the marker's name and type, whatever it says. */
    static Optional<RecordSet> find(DnsName name, List<RecordSet> present) {
        return present.stream()
                .filter(records ->
                        records.name().equals(at(name)) && records.type().equals(TYPE))
                .findFirst();
    }

    static Optional<Marker> parse(RecordSet records) {
        if (!(records.content() instanceof Content.Values values)
                || values.values().size() != 1) {
            return Optional.empty();
        }
        Matcher matcher = TEXT.matcher(values.values().getFirst());
        return matcher.matches()
                ? Optional.of(
                        new Marker(new FleetName(matcher.group(1)), Long.parseLong(matcher.group(2)), lock(matcher)))
                : Optional.empty();
    }

    /** Markers of before there was a lock say nothing of it. */
    private static long lock(Matcher matcher) {
        return matcher.group(3) == null ? 0 : Long.parseLong(matcher.group(3));
    }

    /** The one that follows, written by the holder of this generation of the lock. */
    Marker next(long holder) {
        return new Marker(fleet, generation + 1, holder);
    }

    RecordSet toRecordSet(DnsName name) {
        String text =
                "\"flotilla fleet=" + fleet + " generation=" + generation + (lock == 0 ? "" : " lock=" + lock) + "\"";
        return new RecordSet(
                at(name),
                TYPE,
                Optional.empty(),
                new Routing.Simple(),
                new Content.Values(TTL, List.of(text)),
                Optional.empty());
    }
}
