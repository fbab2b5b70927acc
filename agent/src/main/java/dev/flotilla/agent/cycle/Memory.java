package dev.flotilla.agent.cycle;

import dev.flotilla.agent.state.AgentState;
import dev.flotilla.agent.state.StateStore;
import java.io.IOException;
import java.util.function.UnaryOperator;

/** The agent's state, on disk before anybody sees it. Written by the cycle alone; readable from every thread. */
public final class Memory {
    private final StateStore store;
    private volatile AgentState state;

    public Memory(StateStore store) throws IOException {
        this.store = store;
        this.state = store.load();
    }

    public AgentState state() {
        return state;
    }

    synchronized void update(UnaryOperator<AgentState> change) throws IOException {
        AgentState next = change.apply(state);
        if (!next.equals(state)) {
            store.save(next);
            state = next;
        }
    }
}
