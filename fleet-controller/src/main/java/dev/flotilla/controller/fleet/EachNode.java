package dev.flotilla.controller.fleet;

import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * The same work for each of many nodes, for so many at the same time.
 *
 * @param atOnce at least 1
 */
public record EachNode(int atOnce) {
    public EachNode {
        if (atOnce < 1) {
            throw new IllegalArgumentException("at least one node has to have its turn, not " + atOnce);
        }
    }

    /** What is done for one of them. */
    @FunctionalInterface
    public interface Work<T> {
        T on(Node node) throws IOException, InterruptedException;
    }

    /** Does it, and comes back when all of it is done. The {@link IOException} of one is thrown when the others are done. */
    public <T> Map<NodeId, T> take(Collection<Node> nodes, Work<T> work) throws IOException, InterruptedException {
        var turns = new Semaphore(atOnce);
        Map<NodeId, Future<T>> begun = new LinkedHashMap<>();
        Map<NodeId, T> results = new TreeMap<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Node node : nodes) {
                begun.put(node.id(), threads.submit(() -> {
                    turns.acquire();
                    try {
                        return work.on(node);
                    } finally {
                        turns.release();
                    }
                }));
            }
            for (Map.Entry<NodeId, Future<T>> one : begun.entrySet()) {
                results.put(one.getKey(), one.getValue().get());
            }
            return results;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException why) {
                throw why;
            }
            throw new IllegalStateException("working for many nodes", failed.getCause());
        }
    }
}
