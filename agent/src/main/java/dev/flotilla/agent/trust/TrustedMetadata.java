package dev.flotilla.agent.trust;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The metadata of all top-level roles, which belong together. Immutable.
 *
 * @param release names the release that the targets metadata are
 */
public record TrustedMetadata(
        RootMetadata root,
        TimestampMetadata timestamp,
        SnapshotMetadata snapshot,
        TargetsMetadata targets,
        Mark release) {
    /** The lifetime that is assumed of metadata that don't say when they were signed. */
    private static final Duration USUAL_LIFE = Duration.ofDays(30);

    /** When the first of them ends. */
    public Instant expires() {
        return ordered().getFirst().expires();
    }

    /** What ends soon: what has no more than a third of its life left at {@code now}. */
    public Optional<String> warning(Instant now) {
        return ordered().stream()
                .filter(one -> !now.isBefore(warnFrom(one)))
                .findFirst()
                .map(one -> name(one) + " " + one.version() + " ends at " + one.expires() + ", and less than a third of"
                        + " its life is left: " + renewal(one));
    }

    /** When the first of them has only a third of its life left. */
    public Instant warnFrom() {
        return ordered().stream()
                .map(TrustedMetadata::warnFrom)
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static Instant warnFrom(Metadata one) {
        Duration life = one.issued()
                .map(issued -> Duration.between(issued, one.expires()))
                .filter(duration -> !duration.isNegative())
                .orElse(USUAL_LIFE);
        return one.expires().minus(life.dividedBy(3));
    }

    private static String name(Metadata one) {
        return role(one).metadataName();
    }

    private static Role role(Metadata one) {
        return switch (one) {
            case RootMetadata ignored -> Role.ROOT;
            case TimestampMetadata ignored -> Role.TIMESTAMP;
            case SnapshotMetadata ignored -> Role.SNAPSHOT;
            case TargetsMetadata ignored -> Role.TARGETS;
        };
    }

    private static String renewal(Metadata one) {
        return String.format(
                Locale.ROOT,
                "run %s",
                switch (role(one)) {
                    case ROOT -> "flotilla keys renew";
                    case TIMESTAMP, SNAPSHOT, TARGETS -> "flotilla publish --renew";
                });
    }

    private List<Metadata> ordered() {
        return List.<Metadata>of(root, timestamp, snapshot, targets).stream()
                .sorted(Comparator.comparing(Metadata::expires))
                .toList();
    }
}
