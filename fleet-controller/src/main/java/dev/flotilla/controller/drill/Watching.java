package dev.flotilla.controller.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Makes requests from vantage points at a steady rate until it is closed: the next one begins whether or not the last one is over, as clients that know
 * nothing of each other do. For one thread.
 */
final class Watching implements AutoCloseable {
    /** A minute of hanging requests at two a second, as pip's patience makes them where a region swallows everything. */
    private static final int AT_ONCE = 120;

    private final Recorder recorder;
    private final Duration every;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Thread> clocks = new ArrayList<>();

    Watching(Recorder recorder, Duration every) {
        this.recorder = recorder;
        this.every = every;
    }

    /** One request; what it meets. */
    @FunctionalInterface
    interface Request {
        Result make() throws InterruptedException;
    }

    /** What a request met, but for its times. */
    record Result(Sample.Seen seen, Sample.Tries tries, String why) {}

    /** Begins to make requests, each beside those that aren't over. */
    void begin(VantagePoint point, Request request) {
        recorder.add(point);
        var places = new Semaphore(AT_ONCE);
        clock(() -> {
            if (places.tryAcquire()) {
                threads.execute(() -> {
                    try {
                        make(point, request);
                    } finally {
                        places.release();
                    }
                });
            } else {
                recorder.missed();
            }
        });
    }

    /** Begins to make requests one after the other, as one job does. */
    void beginOneByOne(VantagePoint point, Request request) {
        recorder.add(point);
        clock(() -> make(point, request));
    }

    private void clock(Runnable tick) {
        clocks.add(Thread.ofVirtual().start(() -> {
            try {
                long next = System.nanoTime();
                while (true) {
                    tick.run();
                    next = Math.max(next + every.toNanos(), System.nanoTime() - every.toNanos());
                    Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    private void make(VantagePoint point, Request request) {
        Duration at = recorder.now();
        try {
            Result result = request.make();
            recorder.record(
                    point, new Sample(at, recorder.now().minus(at), result.seen(), result.tries(), result.why()));
        } catch (InterruptedException ended) {
            // The drill is over: what was under way says nothing.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        clocks.forEach(Thread::interrupt);
        threads.shutdownNow();
    }
}
