package dev.flotilla.agent.bucket;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Compares the {@code Date} of a bucket's answers (RFC 9110, section 6.6.1) with this machine's clock: the SDK makes up for a clock
 * that is wrong and says nothing. Thread-safe.
 */
final class BucketClock implements ExecutionInterceptor {
    private final InstantSource clock;
    private volatile Optional<Duration> ahead = Optional.empty();

    BucketClock(InstantSource clock) {
        this.clock = clock;
    }

    Optional<Duration> ahead() {
        return ahead;
    }

    @Override
    public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes executionAttributes) {
        context.httpResponse().firstMatchingHeader("Date").ifPresent(this::take);
    }

    void take(String date) {
        try {
            Instant theirs = DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from);
            // The date is cut to the second: half of one is what it is wrong by on average.
            long millis = Duration.between(clock.instant(), theirs).toMillis() + 500;
            ahead = Optional.of(Duration.ofSeconds(Math.round(millis / 1000.0)));
        } catch (DateTimeParseException noDate) {
            // What was known before is the best there is.
        }
    }
}
