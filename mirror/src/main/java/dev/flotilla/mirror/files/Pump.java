package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.Intake;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Moves one upstream body into an intake: gathers what comes while the last part is being written on a worker, and has
 * upstream wait when too much is gathered. For one context.
 */
final class Pump {
    /** How a body ended. */
    sealed interface Ending {
        /** Upstream says that this was all. */
        record Complete() implements Ending {}

        /** The connection failed; what was written is as upstream sent it and may be gone on from. */
        record Interrupted(String reason) implements Ending {}

        /** More bytes came than the file can have. */
        record TooLong() implements Ending {}

        /** The disk or the budget didn't take it. */
        record NotTaken(String reason) implements Ending {}
    }

    private final Context context;
    private final WorkerExecutor worker;
    private final Intake intake;
    private final int capacity;
    private final LongConsumer onWritten;
    private final Promise<Ending> ending = Promise.promise();

    private List<Buffer> gathered = new ArrayList<>();
    private long gatheredBytes;
    private long skip;
    private long allowed;
    private boolean writing;
    private boolean paused;
    private boolean settled;
    private Ending pending = new Ending.Complete();
    private boolean over;

    /**
     * @param capacity how many bytes may be gathered before upstream has to wait
     * @param skip how many bytes at the body's start are here already
     * @param allowed how many bytes the whole file can have at most
     * @param onWritten hears how many bytes are written in all
     */
    Pump(
            Context context,
            WorkerExecutor worker,
            Intake intake,
            int capacity,
            long skip,
            long allowed,
            LongConsumer onWritten) {
        this.context = context;
        this.worker = worker;
        this.intake = intake;
        this.capacity = capacity;
        this.skip = skip;
        this.allowed = allowed - intake.written();
        this.onWritten = onWritten;
    }

    /** Begins; the future never fails and completes once nothing is being written any more. */
    Future<Ending> run(ReadStream<Buffer> body) {
        body.exceptionHandler(cause -> end(new Ending.Interrupted(reason(cause))));
        body.endHandler(end -> end(new Ending.Complete()));
        body.handler(bytes -> take(body, bytes));
        body.resume();
        return ending.future();
    }

    /** Ends it from outside: nothing more is taken. */
    void stop() {
        end(new Ending.Interrupted("stopped"));
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private void take(ReadStream<Buffer> body, Buffer bytes) {
        if (over) {
            return;
        }
        Buffer rest = bytes;
        if (skip > 0) {
            int skipped = (int) Math.min(skip, bytes.length());
            skip -= skipped;
            rest = bytes.slice(skipped, bytes.length());
        }
        if (rest.length() == 0) {
            return;
        }
        allowed -= rest.length();
        if (allowed < 0) {
            end(new Ending.TooLong());
            return;
        }
        gathered.add(rest);
        gatheredBytes += rest.length();
        if (gatheredBytes >= capacity && !paused) {
            paused = true;
            body.pause();
        }
        write(body);
    }

    private void write(ReadStream<Buffer> body) {
        if (writing || gathered.isEmpty()) {
            return;
        }
        writing = true;
        List<Buffer> part = gathered;
        int length = Math.toIntExact(gatheredBytes);
        gathered = new ArrayList<>();
        gatheredBytes = 0;
        worker.executeBlocking(() -> append(part, length), false)
                .onComplete(result -> Workshop.on(context, () -> {
                    writing = false;
                    if (result.succeeded()) {
                        onWritten.accept(result.result());
                        proceed(body);
                    } else {
                        end(new Ending.NotTaken(reason(result.cause())));
                        settle();
                    }
                }));
    }

    private Long append(List<Buffer> part, int length) throws IOException {
        var bytes = new byte[length];
        int at = 0;
        for (Buffer buffer : part) {
            buffer.getBytes(bytes, at);
            at += buffer.length();
        }
        intake.write(bytes, 0, length);
        return intake.written();
    }

    private void proceed(ReadStream<Buffer> body) {
        write(body);
        if (over) {
            settle();
        } else if (paused && gatheredBytes < capacity) {
            paused = false;
            body.resume();
        }
    }

    private void end(Ending how) {
        boolean worse = how instanceof Ending.NotTaken || how instanceof Ending.TooLong;
        if (over && !worse) {
            return;
        }
        over = true;
        pending = how;
        if (worse) {
            gathered.clear();
            gatheredBytes = 0;
        }
        settle();
    }

    /** The body is over; what was gathered is still written, unless the file is wrong or can't be taken. */
    private void settle() {
        if (!writing && gathered.isEmpty() && !settled) {
            settled = true;
            ending.complete(pending);
        }
    }
}
