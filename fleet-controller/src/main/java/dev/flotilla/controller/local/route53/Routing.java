package dev.flotilla.controller.local.route53;

import java.util.regex.Pattern;
import software.amazon.awssdk.services.route53.model.ResourceRecordSetRegion;

/**
 * How a record set shares its name and type with others (Developer Guide, "Choosing a routing policy").
 * Geolocation, geoproximity and IP-based routing are not known here.
 */
sealed interface Routing {
    /** Tells the record sets of one name and type apart; empty for simple routing. */
    String setIdentifier();

    /** The only record set of its name and type. */
    record Simple() implements Routing {
        @Override
        public String setIdentifier() {
            return "";
        }
    }

    /**
     * One of several that are answered in proportion.
     *
     * @param weight 0 to 255
     */
    record Weighted(String setIdentifier, int weight) implements Routing {
        private static final int HIGHEST_WEIGHT = 255;

        public Weighted {
            requireIdentifier(setIdentifier);
            if (weight < 0 || weight > HIGHEST_WEIGHT) {
                throw new IllegalArgumentException("Weight must be from 0 to " + HIGHEST_WEIGHT + ", not " + weight);
            }
        }
    }

    /** One of a pair, of which the secondary is answered while the primary is unhealthy. */
    record Failover(String setIdentifier, Role role) implements Routing {
        public Failover {
            requireIdentifier(setIdentifier);
        }
    }

    /**
     * One of several of which the one in the AWS region with the lowest latency to the client is answered.
     *
     * @param region one that the API knows; at most one set of a name and type names it
     */
    record Latency(String setIdentifier, String region) implements Routing {
        public Latency {
            requireIdentifier(setIdentifier);
            if (ResourceRecordSetRegion.fromValue(region) == ResourceRecordSetRegion.UNKNOWN_TO_SDK_VERSION) {
                throw new IllegalArgumentException("'" + region + "' is no AWS region");
            }
        }
    }

    /** One of several of which up to eight healthy ones are answered at once. */
    record Multivalue(String setIdentifier) implements Routing {
        public Multivalue {
            requireIdentifier(setIdentifier);
        }
    }

    /** A record set's place in a failover pair. */
    enum Role {
        PRIMARY,
        SECONDARY
    }

    /** API Reference, ResourceRecordSet, SetIdentifier: 1 to 128 characters. */
    private static void requireIdentifier(String setIdentifier) {
        if (!Identifiers.FORM.matcher(setIdentifier).matches()) {
            throw new IllegalArgumentException("SetIdentifier must have 1 to 128 characters");
        }
    }

    /** Holds the pattern, since an interface's own field would be public. */
    final class Identifiers {
        private static final Pattern FORM = Pattern.compile("[\\x20-\\x7e]{1,128}");

        private Identifiers() {}
    }
}
