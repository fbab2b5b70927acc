package dev.flotilla.controller.dns;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.route53.model.Route53Exception;

/**
 * Makes single calls: within the rate, and again where the API was too busy. Repeating a change is safe, since every
 * batch fails when its marker is gone. Thread-safe.
 */
final class Route53Calls {
    private static final Set<String> BUSY =
            Set.of("Throttling", "ThrottlingException", "PriorRequestNotComplete", "ServiceUnavailable");
    private static final int FIRST_SERVER_ERROR = 500;

    /** What an account may ask for health states: one a second after a rest of four. */
    private static final int STATUS_PER_SECOND = 1;

    private static final int STATUS_BURST = 4;

    private final Route53Limits limits;
    private final CallRate rate;
    private final CallRate statusRate;
    private final Pause pause;

    /** The API has refused a call for good. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;
        private final transient Route53Exception service;
        private final boolean mayHaveBeenDone;

        RefusedException(String message, Route53Exception service, boolean mayHaveBeenDone) {
            super(message, service);
            this.service = service;
            this.mayHaveBeenDone = mayHaveBeenDone;
        }

        /** Whether the call was made before, and nobody knows what became of it then. */
        boolean mayHaveBeenDone() {
            return mayHaveBeenDone;
        }

        Route53Exception service() {
            return service;
        }
    }

    Route53Calls(Route53Limits limits, LongSupplier nanoTime, Pause pause) {
        this.limits = limits;
        this.pause = pause;
        this.rate = new CallRate(limits.callsPerSecond(), limits.burst(), nanoTime, pause);
        this.statusRate = new CallRate(STATUS_PER_SECOND, STATUS_BURST, nanoTime, pause);
    }

    /** Makes the call; {@code what} stands in messages: "could not ‹what›". */
    <T> T call(String what, Supplier<T> call) throws IOException, InterruptedException {
        Duration delay = limits.firstDelay();
        boolean mayHaveBeenDone = false;
        for (int attempt = 1; ; attempt++) {
            rate.acquire();
            try {
                return call.get();
            } catch (Route53Exception refused) {
                boolean again = isBusy(refused) && attempt < limits.mostTries();
                if (!again) {
                    throw new RefusedException(
                            "could not " + what + ": " + reason(refused) + tries(attempt), refused, mayHaveBeenDone);
                }
                mayHaveBeenDone |= refused.statusCode() >= FIRST_SERVER_ERROR;
            } catch (SdkException broken) {
                if (attempt == limits.mostTries() || !mayPass(broken)) {
                    throw new IOException("could not " + what + ": " + innermost(broken) + tries(attempt), broken);
                }
                mayHaveBeenDone = true;
            }
            pause.elapse(delay);
            delay = delay.multipliedBy(2).compareTo(limits.longestDelay()) < 0
                    ? delay.multipliedBy(2)
                    : limits.longestDelay();
        }
    }

    /** As {@link #call}, at the much lower rate that is allowed for health states. */
    <T> T status(String what, Supplier<T> call) throws IOException, InterruptedException {
        statusRate.acquire();
        return call(what, call);
    }

    static String reason(Route53Exception refused) {
        var details = refused.awsErrorDetails();
        if (details == null) {
            return innermost(refused);
        }
        String message = details.errorMessage();
        return message == null || message.isBlank() ? details.errorCode() : details.errorCode() + ": " + message;
    }

    /** Whether the network failed, and not what the call was made with, such as credentials. */
    private static boolean mayPass(SdkException broken) {
        for (Throwable cause = broken; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return broken.retryable();
    }

    private static boolean isBusy(Route53Exception refused) {
        var details = refused.awsErrorDetails();
        return refused.statusCode() >= FIRST_SERVER_ERROR || (details != null && BUSY.contains(details.errorCode()));
    }

    /** The innermost message: what the SDK wraps around it says only that a request failed. */
    private static String innermost(Throwable why) {
        Throwable inner = why;
        while (inner.getCause() != null) {
            inner = inner.getCause();
        }
        String message = inner.getMessage();
        return message == null ? inner.getClass().getSimpleName() : message;
    }

    private static String tries(int attempts) {
        return attempts == 1 ? "" : " (" + attempts + " tries)";
    }
}
