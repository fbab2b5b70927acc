package dev.flotilla.mirror.upstream;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, paused at first. It fails when nothing comes for too long although it isn't paused. A failure that
 * comes before anybody listens isn't lost: whoever sets an exception handler later hears of it then. For the context of the
 * request.
 */
final class ResponseBody implements ReadStream<Buffer> {
    private final Vertx vertx;
    private final HttpClientResponse response;
    private final Duration idleTimeout;
    private final Consumer<Boolean> ending;
    private @Nullable Handler<Buffer> onBytes;
    private @Nullable Handler<Void> onEnd;
    private @Nullable Handler<Throwable> onFailure;
    private @Nullable Throwable failure;
    private boolean over;
    private boolean flowing;
    private long lastNanos = System.nanoTime();
    private final long timer;

    /** A body whose reader reports itself how the peer did. */
    ResponseBody(Vertx vertx, HttpClientResponse response, Duration idleTimeout) {
        this(vertx, response, idleTimeout, whole -> {});
    }

    /**
     * @param response paused, of which nothing was read yet
     * @param ending hears whether the body came whole, unless it was cancelled
     */
    ResponseBody(Vertx vertx, HttpClientResponse response, Duration idleTimeout, Consumer<Boolean> ending) {
        this.ending = ending;
        this.vertx = vertx;
        this.response = response;
        this.idleTimeout = idleTimeout;
        response.exceptionHandler(this::fail).endHandler(end -> end()).handler(this::take);
        this.timer = vertx.setPeriodic(Math.max(1, idleTimeout.toMillis() / 4), tick -> watch());
    }

    private void watch() {
        if (flowing && System.nanoTime() - lastNanos > idleTimeout.toNanos()) {
            fail(new IOException("nothing came for " + idleTimeout.toMillis() + " ms"));
            response.request().reset();
        }
    }

    /** Closes the exchange; nobody hears of anything any more. Harmless when it is over. */
    void cancel() {
        vertx.cancelTimer(timer);
        if (!over) {
            over = true;
            response.request().reset();
        }
    }

    private void take(Buffer bytes) {
        lastNanos = System.nanoTime();
        if (onBytes != null) {
            onBytes.handle(bytes);
        }
    }

    private void end() {
        vertx.cancelTimer(timer);
        if (!over) {
            over = true;
            ending.accept(true);
            if (onEnd != null) {
                onEnd.handle(null);
            }
        }
    }

    private void fail(Throwable cause) {
        vertx.cancelTimer(timer);
        if (!over) {
            over = true;
            failure = cause;
            ending.accept(false);
            if (onFailure != null) {
                onFailure.handle(cause);
            }
        }
    }

    @Override
    public ResponseBody exceptionHandler(@Nullable Handler<Throwable> handler) {
        onFailure = handler;
        if (handler != null && failure != null) {
            handler.handle(failure);
        }
        return this;
    }

    @Override
    public ResponseBody handler(@Nullable Handler<Buffer> handler) {
        onBytes = handler;
        return this;
    }

    @Override
    public ResponseBody endHandler(@Nullable Handler<Void> handler) {
        onEnd = handler;
        return this;
    }

    @Override
    public ResponseBody pause() {
        flowing = false;
        response.pause();
        return this;
    }

    @Override
    public ResponseBody resume() {
        flowing = true;
        lastNanos = System.nanoTime();
        response.resume();
        return this;
    }

    @Override
    public ResponseBody fetch(long amount) {
        lastNanos = System.nanoTime();
        response.fetch(amount);
        return this;
    }
}
