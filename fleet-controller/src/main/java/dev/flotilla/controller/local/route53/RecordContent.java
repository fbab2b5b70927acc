package dev.flotilla.controller.local.route53;

import java.util.HashSet;
import java.util.List;

/** What a record set answers with: its own values, or those of another record set of the same zone and type. */
sealed interface RecordContent {
    /**
     * Values in the text form of the record's type.
     *
     * @param ttlSeconds 0 to 2,147,483,647
     * @param values at least one, at most 400, none twice (Developer Guide, "Quotas")
     */
    record Values(long ttlSeconds, List<String> values) implements RecordContent {
        private static final int VALUES_LIMIT = 400;

        public Values {
            values = List.copyOf(values);
            if (ttlSeconds < 0 || ttlSeconds > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("TTL must be from 0 to 2147483647, not " + ttlSeconds);
            }
            if (values.isEmpty() || values.size() > VALUES_LIMIT) {
                throw new IllegalArgumentException("a record set has 1 to " + VALUES_LIMIT + " values");
            }
            HashSet<String> seen = new HashSet<>();
            for (String value : values) {
                if (!seen.add(value)) {
                    throw new IllegalArgumentException("Duplicate Resource Record: '" + value + "'");
                }
            }
        }

        /** Equal but for the order of the values, which Route 53 does not keep. */
        boolean sameAs(Values other) {
            return ttlSeconds == other.ttlSeconds && new HashSet<>(values).equals(new HashSet<>(other.values));
        }
    }

    /**
     * The record sets of another name (API Reference, AliasTarget).
     *
     * @param hostedZoneId the zone of the target, here always the alias' own
     * @param evaluateTargetHealth whether the alias is healthy only while its target is
     */
    record Alias(String hostedZoneId, DomainName target, boolean evaluateTargetHealth) implements RecordContent {}
}
