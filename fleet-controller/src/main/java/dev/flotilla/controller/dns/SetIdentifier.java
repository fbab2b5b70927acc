package dev.flotilla.controller.dns;

import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.nio.charset.StandardCharsets;

/**
 * Names record sets so that they are unique in an account and tell whose they are: {@code flotilla:‹fleet›:…}. They hold no
 * {@code /}: when the AWS SDK reads an identifier, it drops everything up to the last one.
 */
final class SetIdentifier {
    private static final int LONGEST = 128;
    private static final int DIGEST_DIGITS = 32;

    private SetIdentifier() {}

    static String prefix(FleetName fleet) {
        return "flotilla:" + fleet + ":";
    }

    /** The prefix and {@code rest}, or a digest of {@code rest} where the whole would be longer than Route53 allows. */
    static String of(FleetName fleet, String rest) {
        String whole = prefix(fleet) + rest;
        return whole.length() <= LONGEST
                ? whole
                : prefix(fleet)
                        + Sha256.of(rest.getBytes(StandardCharsets.UTF_8)).hex().substring(0, DIGEST_DIGITS);
    }
}
