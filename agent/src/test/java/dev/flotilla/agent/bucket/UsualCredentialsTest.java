package dev.flotilla.agent.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.ByteSize;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

class UsualCredentialsTest {
    private final AwsCredentialsProvider none = () -> {
        throw SdkClientException.create(
                "Unable to load credentials from any of the providers in the chain [A(), B()] : [A(): no, B(): no]",
                new IllegalStateException("no metadata service"));
    };

    @Test
    void noCredentialsAreOneClearLineInWhatTheBucketSays() {
        var nowhere = S3Server.location(URI.create("http://127.0.0.1:9"));
        try (Bucket bucket = S3Bucket.open(nowhere, new UsualCredentials(none))) {
            assertThat(bucket.get(BucketLayout.timestamp(), Optional.empty(), new ByteSize(1)))
                    .isInstanceOfSatisfying(
                            Bucket.Lookup.Failed.class,
                            failed -> assertThat(failed.reason())
                                    .contains("found no AWS credentials: set AWS_ACCESS_KEY_ID")
                                    .doesNotContain("chain", "metadata service", "\n"));
        }
    }

    @Test
    void itsOwnMessageStandsForTheCauseToo() {
        assertThatThrownBy(new UsualCredentials(none)::resolveCredentials)
                .isInstanceOf(SdkClientException.class)
                .hasNoCause();
    }

    @Test
    void whereThereAreNoneRequestsGoUnsignedAndTheyAreLookedForAgainAfterAMinute() {
        var looks = new AtomicInteger();
        var time = new AtomicLong();
        var credentials = new CredentialsIfAny(
                () -> {
                    if (looks.incrementAndGet() < 3) {
                        return new UsualCredentials(none).resolveCredentials();
                    }
                    return AwsBasicCredentials.create("key", "secret");
                },
                time::get);
        assertThat(credentials.resolveCredentials().accessKeyId()).isNull();
        assertThat(credentials.areMissing()).isTrue();
        time.addAndGet(Duration.ofSeconds(59).toNanos());
        assertThat(credentials.resolveCredentials().accessKeyId()).isNull();
        assertThat(looks).hasValue(1);
        time.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(credentials.resolveCredentials().accessKeyId()).isNull();
        assertThat(looks).hasValue(2);
        time.addAndGet(Duration.ofSeconds(60).toNanos());
        assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("key");
        assertThat(credentials.areMissing()).isFalse();
        credentials.resolveCredentials();
        assertThat(looks).as("those that are there are looked up each time").hasValue(4);
    }
}
