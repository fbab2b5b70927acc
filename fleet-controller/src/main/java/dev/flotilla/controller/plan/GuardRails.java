package dev.flotilla.controller.plan;

import dev.flotilla.controller.dns.DnsPlan;
import java.util.List;
import java.util.Optional;

/**
 * How much a change may take out of DNS without somebody's word.
 *
 * @param mostOutPercent of the nodes that clients are led to now
 */
public record GuardRails(int mostOutPercent) {
    /** Less than one of three nodes. */
    public static final GuardRails USUAL = new GuardRails(30);

    private static final int PERCENT = 100;

    public GuardRails {
        if (mostOutPercent < 0 || mostOutPercent > PERCENT) {
            throw new IllegalArgumentException("no share: " + mostOutPercent + " %");
        }
    }

    /** Why this needs somebody's word, where it does. */
    Optional<String> outage(DnsPlan plan) {
        int before = plan.reach().stream().mapToInt(DnsPlan.Reach::before).sum();
        int leaving = plan.reach().stream().mapToInt(DnsPlan.Reach::leaving).sum();
        List<String> emptied = plan.reach().stream()
                .filter(reach -> reach.leaving() > 0 && reach.leaving() == reach.before())
                .map(reach -> reach.region().value())
                .toList();
        if (!emptied.isEmpty()) {
            return Optional.of("it takes all nodes of " + String.join(", ", emptied)
                    + " out of DNS. If that is meant: --allow-outage");
        }
        return leaving * PERCENT > before * mostOutPercent
                ? Optional.of("it takes " + leaving + " of " + before + " nodes out of DNS, more than " + mostOutPercent
                        + " %. If that is meant: --allow-outage")
                : Optional.empty();
    }
}
