package dev.flotilla.controller.local.route53;

import java.util.Comparator;
import java.util.Optional;

/**
 * One record set of a hosted zone (API Reference, ResourceRecordSet).
 *
 * @param healthCheckId the health check that decides whether this set is healthy
 */
record RecordSet(
        DomainName name, RecordType type, Routing routing, RecordContent content, Optional<String> healthCheckId) {

    /**
     * What tells record sets of a zone apart, in the order of listings.
     *
     * @param setIdentifier empty for simple routing
     */
    record Key(DomainName name, RecordType type, String setIdentifier) implements Comparable<Key> {
        private static final Comparator<Key> ORDER = Comparator.comparing(Key::name)
                .thenComparing(key -> key.type().name())
                .thenComparing(Key::setIdentifier);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    Key key() {
        return new Key(name, type, routing.setIdentifier());
    }

    /** Equal but for the order of values: what DELETE asks for. */
    boolean sameAs(RecordSet other) {
        boolean sameContent = switch (content) {
            case RecordContent.Values own -> other.content instanceof RecordContent.Values others && own.sameAs(others);
            case RecordContent.Alias own -> own.equals(other.content);
        };
        return sameContent
                && key().equals(other.key())
                && routing.equals(other.routing)
                && healthCheckId.equals(other.healthCheckId);
    }

    /** The set as error messages of Route 53 name it. */
    String describe() {
        String identifier =
                routing instanceof Routing.Simple ? "" : ", set-identifier='" + routing.setIdentifier() + "'";
        return "[name='" + name + "', type='" + type + "'" + identifier + "]";
    }
}
