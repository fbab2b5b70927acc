package dev.flotilla.mirror.ops;

/**
 * Whether this node can serve. It never says no because upstream is down: a mirror exists for that hour. Nor because
 * the disk is full: then files pass through. For any thread.
 */
public final class Readiness {
    private final boolean drainedByConfiguration;
    private volatile boolean listening;
    private volatile boolean stopping;

    /** With {@code drainedByConfiguration}, clients are to go elsewhere as long as this configuration holds. */
    public Readiness(boolean drainedByConfiguration) {
        this.drainedByConfiguration = drainedByConfiguration;
    }

    /** What readiness says. */
    public sealed interface State {
        /** Clients may come. */
        record Ready() implements State {}

        /** Clients should go elsewhere, since this node is about to leave; it still serves those who come. */
        record Draining() implements State {}

        /** Clients would not be served well. */
        record NotReady(String reason) implements State {}
    }

    public State state() {
        if (stopping || drainedByConfiguration) {
            return new State.Draining();
        }
        return listening ? new State.Ready() : new State.NotReady("the listeners are not up yet");
    }

    /** Both listeners accept connections. */
    public void listening() {
        listening = true;
    }

    /** The program is about to end. */
    public void stopping() {
        stopping = true;
    }
}
