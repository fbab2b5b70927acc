package dev.flotilla.controller.dns;

/**
 * How much goes in one batch.
 *
 * @param records of which one that is put in another's place counts twice; some are left for the marker that goes with every batch
 * @param characters of values
 */
public record BatchLimits(int records, int characters) {
    /** A bit less than what Route 53 takes at once: 1,000 records and 32,000 characters. */
    public static final BatchLimits ROUTE53 = new BatchLimits(990, 31_000);

    public BatchLimits {
        if (records < 1 || characters < 1) {
            throw new IllegalArgumentException("a batch has room for something");
        }
    }
}
