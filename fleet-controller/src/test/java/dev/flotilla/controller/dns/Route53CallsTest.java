package dev.flotilla.controller.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.route53.model.Route53Exception;

class Route53CallsTest {
    private final AtomicLong nanos = new AtomicLong();
    private final List<Duration> pauses = new ArrayList<>();

    private Route53Calls calls(int perSecond, int burst) {
        var limits = new Route53Limits(
                perSecond, burst, 4, Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ZERO, Duration.ZERO);
        return new Route53Calls(limits, nanos::get, duration -> {
            pauses.add(duration);
            nanos.addAndGet(duration.toNanos());
        });
    }

    private static RuntimeException error(int status, String code) {
        return Route53Exception.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage("because")
                        .build())
                .build();
    }

    private static String answer(Deque<RuntimeException> failures) {
        RuntimeException failure = failures.poll();
        if (failure != null) {
            throw failure;
        }
        return "answer";
    }

    @Test
    void aBusyApiIsAskedAgainLaterAndLater() throws Exception {
        Deque<RuntimeException> failures = new ArrayDeque<>(List.of(
                error(400, "Throttling"), error(400, "PriorRequestNotComplete"), error(503, "ServiceUnavailable")));
        assertThat(calls(1000, 100).call("ask", () -> answer(failures))).isEqualTo("answer");
        assertThat(pauses).containsExactly(Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    @Test
    void anApiThatStaysBusyIsGivenUp() {
        assertThatThrownBy(() -> calls(1000, 100).call("ask", () -> {
                    throw error(400, "Throttling");
                }))
                .hasMessage("could not ask: Throttling: because (4 tries)");
        assertThat(pauses).hasSize(3);
    }

    @Test
    void aRefusalIsNotRepeated() {
        assertThatThrownBy(() -> calls(1000, 100).call("ask", () -> {
                    throw error(403, "AccessDenied");
                }))
                .hasMessage("could not ask: AccessDenied: because");
        assertThat(pauses).isEmpty();
    }

    @Test
    void whatTheNetworkHasNoPartInIsNotRepeatedAndWhatItBreaksIs() {
        assertThatThrownBy(() -> calls(1000, 100).call("ask", () -> {
                    throw SdkClientException.create("no credentials");
                }))
                .hasMessage("could not ask: no credentials");
        assertThat(pauses).isEmpty();
        assertThatThrownBy(() -> calls(1000, 100).call("ask", () -> {
                    throw SdkClientException.create("failed", new ConnectException("Connection refused"));
                }))
                .hasMessage("could not ask: Connection refused (4 tries)");
        assertThat(pauses).hasSize(3);
    }

    @Test
    void callsKeepBelowTheRateAfterABurst() throws Exception {
        var calls = calls(4, 3);
        for (int i = 0; i < 11; i++) {
            calls.call("ask", () -> "answer");
        }
        assertThat(Duration.ofNanos(nanos.get())).isEqualTo(Duration.ofSeconds(2));
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        pauses.clear();
        for (int i = 0; i < 4; i++) {
            calls.call("ask", () -> "answer");
        }
        assertThat(pauses).as("a rest gives back the burst and no more").containsExactly(Duration.ofMillis(250));
    }
}
