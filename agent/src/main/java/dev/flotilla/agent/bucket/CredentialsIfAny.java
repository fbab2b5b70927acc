package dev.flotilla.agent.bucket;

import java.time.Duration;
import java.util.function.LongSupplier;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * The usual credentials, or none where there are none: requests go unsigned then, and a public bucket answers them. Where none
 * were found, they are looked for again a minute later: each look takes seconds where no metadata service answers. Thread-safe.
 */
final class CredentialsIfAny implements AwsCredentialsProvider {
    private static final Duration REST = Duration.ofMinutes(1);

    private final AwsCredentialsProvider usual;
    private final LongSupplier nanoTime;
    private volatile boolean missing;
    private volatile long missingSince;

    CredentialsIfAny(AwsCredentialsProvider usual, LongSupplier nanoTime) {
        this.usual = usual;
        this.nanoTime = nanoTime;
    }

    /** Whether there were none when they were looked for last. */
    boolean areMissing() {
        return missing;
    }

    @Override
    public AwsCredentials resolveCredentials() {
        if (missing && nanoTime.getAsLong() - missingSince < REST.toNanos()) {
            return none();
        }
        try {
            AwsCredentials found = usual.resolveCredentials();
            missing = false;
            return found;
        } catch (SdkClientException noneFound) {
            missingSince = nanoTime.getAsLong();
            missing = true;
            return none();
        }
    }

    private static AwsCredentials none() {
        return AnonymousCredentialsProvider.create().resolveCredentials();
    }
}
