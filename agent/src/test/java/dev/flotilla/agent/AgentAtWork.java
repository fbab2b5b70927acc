package dev.flotilla.agent;

import static org.awaitility.Awaitility.await;

/** An agent that runs until it is closed. */
final class AgentAtWork implements AutoCloseable {
    private final Stop stop = new Stop();
    private final Thread thread;

    AgentAtWork(Agent agent) {
        this(agent, false);
    }

    /** @param once for one cycle, as a timer starts it */
    AgentAtWork(Agent agent, boolean once) {
        thread = Thread.ofPlatform().start(() -> {
            try {
                if (once) {
                    agent.once();
                } else {
                    agent.run(stop);
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        stop.wish();
        await().atMost(TestNode.patience()).until(() -> !thread.isAlive());
    }
}
