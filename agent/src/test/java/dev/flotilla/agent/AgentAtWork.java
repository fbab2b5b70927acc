package dev.flotilla.agent;

import static org.awaitility.Awaitility.await;

/** An agent that runs until it is closed. */
final class AgentAtWork implements AutoCloseable {
    private final Stop stop = new Stop();
    private final Thread thread;

    AgentAtWork(Agent agent) {
        thread = Thread.ofPlatform().start(() -> {
            try {
                agent.run(stop);
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
