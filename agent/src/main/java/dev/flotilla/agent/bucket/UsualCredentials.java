package dev.flotilla.agent.bucket;

import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * The credentials that the AWS SDK finds where AWS's own tools look for them. Where there are none, it says so in one
 * line; the SDK itself lists the inner life of each of its providers.
 */
public final class UsualCredentials implements AwsCredentialsProvider {
    /** How the message begins where there are none. */
    public static final String NONE_FOUND = "found no AWS credentials";

    private final AwsCredentialsProvider chain;

    public UsualCredentials() {
        this(DefaultCredentialsProvider.builder().build());
    }

    UsualCredentials(AwsCredentialsProvider chain) {
        this.chain = chain;
    }

    @Override
    public AwsCredentials resolveCredentials() {
        try {
            return chain.resolveCredentials();
        } catch (SdkClientException none) {
            // Without its cause, whose message is what this one stands for.
            throw SdkClientException.create(NONE_FOUND + ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
                    + " or name a profile with AWS_PROFILE, or run on a machine with a role");
        }
    }
}
