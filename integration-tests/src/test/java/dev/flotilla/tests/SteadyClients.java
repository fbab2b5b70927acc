package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that ask for one page until they are closed and never try anything twice: on connections they keep, and on new ones. */
final class SteadyClients implements AutoCloseable {
    private static final int OF_EACH = 2;

    private final Opening opening;
    private final String page;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong answers = new AtomicLong();
    private volatile boolean over;

    /** How they come to the server. */
    @FunctionalInterface
    interface Opening {
        KeptConnection open() throws IOException;
    }

    SteadyClients(InetSocketAddress server, String page) {
        this(() -> new KeptConnection(server), page);
    }

    SteadyClients(Opening opening, String page) {
        this.opening = opening;
        this.page = page;
        for (int client = 0; client < OF_EACH; client++) {
            threads.execute(() -> ask(1));
            threads.execute(() -> ask(Integer.MAX_VALUE));
        }
    }

    private void ask(int timesOnOneConnection) {
        while (!over) {
            try (var connection = opening.open()) {
                for (int time = 0; time < timesOnOneConnection && !over && !connection.isOver(); time++) {
                    int status = connection.get(page, "").status();
                    if (status != 200) {
                        failures.add("status " + status);
                    }
                    answers.incrementAndGet();
                }
            } catch (IOException failed) {
                failures.add(failed.toString());
            }
        }
    }

    /** How many answers they have had. */
    long answers() {
        return answers.get();
    }

    /** Ends them; every question was answered. */
    void allWereAnswered() {
        close();
        assertThat(failures).isEmpty();
        assertThat(answers.get()).isPositive();
    }

    @Override
    public void close() {
        over = true;
        threads.close();
    }
}
