package dev.flotilla.mirror.ops;

/**
 * Whether this node can serve. It never says no because upstream is down: a mirror exists for that hour. Nor because
 * the disk is full: then files pass through. For any thread.
 */
public final class Readiness {
    private final boolean drainedByConfiguration;
    private volatile boolean drainedByKeeper;
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

        /** Clients should go elsewhere, since somebody wants it so; this node still serves those who come, and stays. */
        record Drained() implements State {}

        /** Clients should go elsewhere, since this program is about to end; it still serves those who come. */
        record Draining() implements State {}

        /** Clients would not be served well. */
        record NotReady(String reason) implements State {}
    }

    public State state() {
        if (stopping) {
            return new State.Draining();
        }
        if (!listening) {
            return new State.NotReady("the listeners are not up yet");
        }
        return drainedByConfiguration || drainedByKeeper ? new State.Drained() : new State.Ready();
    }

    /** Whether the agent that keeps this mirror wants clients to go elsewhere; from now on. */
    public void drainedByKeeper(boolean drained) {
        drainedByKeeper = drained;
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
