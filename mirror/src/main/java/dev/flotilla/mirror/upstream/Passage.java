package dev.flotilla.mirror.upstream;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One fetch on its way through the hosts of an upstream, redirects and further attempts included: it asks the circuit of each
 * host once, and tells that of the host where it ends how it went. For one context.
 */
final class Passage {
    private final Trust trust;
    private final Set<HostAndPort> admitted = new HashSet<>();
    private @Nullable Circuit at;
    private boolean trial;

    Passage(Trust trust) {
        this.trust = trust;
    }

    /** Goes on to {@code host}, one of the allowed ones; why it may not be asked now, where that is so. */
    Optional<Deferral> enter(HostAndPort host) {
        Circuit circuit = trust.circuit(host);
        if (!admitted.contains(host)) {
            Optional<Deferral> refusal = circuit.refusal();
            if (refusal.isPresent()) {
                trust.refused(host);
                return refusal;
            }
            admitted.add(host);
            trial = circuit.isOpen();
        }
        at = circuit;
        return Optional.empty();
    }

    /** Whether it finds out for others whether the host works again. */
    boolean isTrial() {
        return trial;
    }

    /** The host gave an answer that counts, also that something doesn't exist. */
    void worked() {
        if (at != null) {
            at.worked();
        }
    }

    /** The host began to answer, which says enough where it was thought to be out of order. */
    void began() {
        if (at != null && at.isOpen()) {
            at.worked();
        }
    }

    /** The host doesn't do its work. */
    void failed() {
        if (at != null) {
            at.failed();
        }
    }

    void holdOff(Duration time) {
        if (at != null) {
            at.holdOff(time);
        }
    }

    /** Reports a failure in the end of everything that was tried. */
    void ended(UpstreamFailure failure) {
        switch (failure.kind()) {
            case PASSING -> failed();
            case NONSENSE, REFUSED -> {}
            case LASTING -> worked();
        }
        failure.patience().ifPresent(this::holdOff);
    }
}
