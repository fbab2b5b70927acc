package dev.flotilla.controller.local.bucket;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The access key that the local bucket accepts. Its text form hides the secret.
 *
 * @param accessKeyId the public half, 1 to 128 printable ASCII characters
 * @param secretAccessKey the half that signs, 1 to 128 printable ASCII characters
 */
public record BucketCredentials(String accessKeyId, String secretAccessKey) {
    private static final int LENGTH_LIMIT = 128;

    public BucketCredentials {
        requirePrintable("access key id", accessKeyId);
        requirePrintable("secret access key", secretAccessKey);
    }

    /** Makes a key of 160 random bits from {@code random}, which should be a secure source. */
    public static BucketCredentials generate(RandomGenerator random) {
        byte[] identifier = new byte[8];
        byte[] secret = new byte[20];
        random.nextBytes(identifier);
        random.nextBytes(secret);
        HexFormat hex = HexFormat.of();
        return new BucketCredentials("LOCAL" + hex.withUpperCase().formatHex(identifier), hex.formatHex(secret));
    }

    private static void requirePrintable(String what, String value) {
        boolean printable = value.chars().allMatch(character -> character > ' ' && character < 0x7f);
        if (value.isEmpty() || value.length() > LENGTH_LIMIT || !printable) {
            throw new IllegalArgumentException(
                    "the " + what + " must be 1 to " + LENGTH_LIMIT + " printable ASCII characters without spaces");
        }
    }

    @Override
    public String toString() {
        return "BucketCredentials[" + accessKeyId + ", secret hidden]";
    }
}
