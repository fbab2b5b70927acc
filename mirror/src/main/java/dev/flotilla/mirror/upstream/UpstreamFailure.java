package dev.flotilla.mirror.upstream;

import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.time.Duration;
import java.util.Optional;

/** Why an exchange with an upstream came to nothing, in one line for people. Never leaves this package. */
final class UpstreamFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** What it says about the upstream. */
    enum Kind {
        /** It doesn't do its work just now. */
        PASSING,
        /** This answer made no sense; others may. */
        NONSENSE,
        /** It works, and what was asked for isn't to be had. */
        LASTING,
        /** It wasn't asked. */
        REFUSED
    }

    private final Kind kind;
    private final transient Optional<Deferral> deferral;
    private final transient Optional<Duration> patience;

    private UpstreamFailure(String reason, Kind kind, Optional<Deferral> deferral, Optional<Duration> patience) {
        super(reason, null, false, false);
        this.kind = kind;
        this.deferral = deferral;
        this.patience = patience;
    }

    private UpstreamFailure(String reason, Kind kind) {
        this(reason, kind, Optional.empty(), Optional.empty());
    }

    /** Another attempt may fare better. */
    static UpstreamFailure passing(String reason) {
        return new UpstreamFailure(reason, Kind.PASSING);
    }

    /** Another attempt, at another address, may fare better; the upstream as a whole works. */
    static UpstreamFailure nonsense(String reason) {
        return new UpstreamFailure(reason, Kind.NONSENSE);
    }

    /** Another attempt would end the same way. */
    static UpstreamFailure lasting(String reason) {
        return new UpstreamFailure(reason, Kind.LASTING);
    }

    /** Nobody was asked, for a reason of ours. */
    static UpstreamFailure refused(String reason, Deferral deferral) {
        return new UpstreamFailure(reason, Kind.REFUSED, Optional.of(deferral), Optional.empty());
    }

    /** The same from an upstream that asks to be left alone for {@code time}. */
    UpstreamFailure withPatience(Optional<Duration> time) {
        return new UpstreamFailure(reason(), kind, deferral, time);
    }

    /** The same, said of {@code subject}. */
    UpstreamFailure about(String subject) {
        return new UpstreamFailure(subject + ": " + reason(), kind, deferral, patience);
    }

    /** The same, with what is behind it. */
    UpstreamFailure because(String cause) {
        return new UpstreamFailure(reason() + "; " + cause, kind, deferral, patience);
    }

    /** What went wrong below: connections, time-outs, names. */
    static UpstreamFailure of(Throwable cause) {
        if (cause instanceof UpstreamFailure failure) {
            return failure;
        }
        if (cause instanceof ConnectionPoolTooBusyException) {
            return refused("too many requests wait for a connection", Deferral.busy());
        }
        String message = cause.getMessage();
        String text = message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
        return passing(text.lines().findFirst().orElse(text));
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    /** Whether another attempt may fare better. An upstream that asks to be left alone isn't asked again at once. */
    boolean isWorthRetrying() {
        return patience.isEmpty() && (kind == Kind.PASSING || kind == Kind.NONSENSE);
    }

    /** Why nobody was asked, where that is so. */
    Optional<Deferral> deferral() {
        return deferral;
    }

    /** How long the upstream asks to be left alone. */
    Optional<Duration> patience() {
        return patience;
    }

    Kind kind() {
        return kind;
    }
}
