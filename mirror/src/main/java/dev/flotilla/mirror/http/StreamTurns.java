package dev.flotilla.mirror.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.streams.WriteStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets the streams of one HTTP/2 connection write in turn, each when the connection and its client can take more of it (RFC 9113, section
 * 5.2). Vert.x takes what they write at any time, but what it holds back itself it may forget (eclipse-vertx/vert.x, pull request
 * 6359): bodies of several streams then come to a halt for good. So it never has to: for Netty the connection is never full, and what is
 * full is said here. Belongs to the connection's event loop.
 */
final class StreamTurns extends ChannelInboundHandlerAdapter {
    /** What may be on its way to the socket before a stream has to wait: enough for a system call, and little for a slow client. */
    private static final int FULL = 128 << 10;

    /** More than ever waits: a body's part for each stream. */
    private static final WriteBufferWaterMark NEVER_FULL = new WriteBufferWaterMark(1 << 29, 1 << 30);

    private final Channel channel;
    private final Http2ConnectionHandler http;
    private final long patienceNanos;
    private boolean reading;

    /** How much has been written since something is read. */
    private long whileReading;

    private boolean soon;
    private int underWay;
    private long movedNanos = System.nanoTime();
    private final Deque<Turn> waiting = new ArrayDeque<>();

    private record Turn(int stream, Supplier<Future<Void>> writing, Promise<Void> written) {}

    private StreamTurns(Channel channel, Duration patience) {
        this.channel = channel;
        this.http = channel.pipeline().get(Http2ConnectionHandler.class);
        this.patienceNanos = patience.toNanos();
    }

    /**
     * Has the streams of a new connection take turns. To be called on its event loop.
     *
     * @param patience how long a client may take nothing of what is on its way to it, whatever else it says meanwhile
     */
    static void on(Channel channel, Duration patience) {
        channel.config().setWriteBufferWaterMark(NEVER_FULL);
        channel.pipeline().addFirst(new StreamTurns(channel, patience));
    }

    /** Where the body goes that answers {@code request}, whose connection's streams take turns. */
    static WriteStream<Buffer> body(HttpServerRequest request) {
        var turns = Connections.channel(request.connection()).pipeline().get(StreamTurns.class);
        // A connection that is closed has none any more.
        return turns == null ? request.response() : turns.new Body(request.streamId(), request.response());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        reading = true;
        super.channelRead(context, message);
    }

    /** What was read may say that the client takes more. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        reading = false;
        whileReading = 0;
        boolean wanted = underWay > 0 || !waiting.isEmpty();
        if (wanted && System.nanoTime() - movedNanos > patienceNanos) {
            giveUp();
            return;
        }
        later();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for a connection that is given up.
    private void giveUp() {
        // From the channel's end closing would wait for what the client doesn't take.
        channel.pipeline().firstContext().close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        super.channelInactive(context);
        later();
    }

    /** Not at once: whoever tells of room is in the middle of writing. */
    private void later() {
        if (!soon && !waiting.isEmpty()) {
            soon = true;
            channel.eventLoop().execute(this::proceed);
        }
    }

    /** One round: whose turn hasn't come goes on waiting, behind nobody who waits already. */
    private void proceed() {
        soon = false;
        for (int left = waiting.size(); left > 0; left--) {
            Turn turn = waiting.remove();
            if (mayWrite(turn.stream())) {
                take(turn);
            } else {
                waiting.add(turn);
            }
        }
    }

    private void take(Turn turn) {
        try {
            written(turn.writing()).onComplete(turn.written());
        } catch (RuntimeException gone) {
            turn.written().tryFail(gone);
        }
    }

    /** Also where stream or connection are gone, which the writer finds out by itself. */
    private boolean mayWrite(int stream) {
        var onItsWay = channel.unsafe().outboundBuffer();
        var open = http.connection().stream(stream);
        return onItsWay == null
                || open == null
                || (onItsWay.totalPendingWriteBytes() < FULL
                        && http.encoder().flowController().isWritable(open));
    }

    /** Whether what comes is little enough: while something is read, nothing leaves, and how full the connection is can't be seen. */
    private boolean isSmall(int length) {
        whileReading += reading ? length : 0;
        return length <= FULL && whileReading <= FULL;
    }

    /** What one stream has written makes room for the next. */
    private Future<Void> written(Supplier<Future<Void>> writing) {
        if (underWay++ == 0) {
            movedNanos = System.nanoTime();
        }
        return writing.get().onComplete(done -> {
            underWay--;
            movedNanos = System.nanoTime();
            later();
        });
    }

    private Future<Void> inTurn(int stream, Supplier<Future<Void>> writing) {
        if (underWay == 0 && waiting.isEmpty()) {
            movedNanos = System.nanoTime();
        }
        if (!reading && waiting.isEmpty() && mayWrite(stream)) {
            return written(writing);
        }
        Promise<Void> written = Promise.promise();
        waiting.add(new Turn(stream, writing, written));
        later();
        return written.future();
    }

    /** Of one response. */
    private final class Body implements WriteStream<Buffer> {
        private final int stream;
        private final HttpServerResponse response;

        Body(int stream, HttpServerResponse response) {
            this.stream = stream;
            this.response = response;
        }

        /** Where it has to wait, the head is sent before, as it may fill the connection: then what comes with it would be held back. */
        private Future<Void> afterHead(int length, Supplier<Future<Void>> writing) {
            if (isSmall(length) && waiting.isEmpty() && mayWrite(stream)) {
                return written(writing);
            }
            if (!response.headWritten() && !response.closed()) {
                response.writeHead().onComplete(done -> later());
            }
            return inTurn(stream, writing);
        }

        @Override
        public Future<Void> write(Buffer bytes) {
            return afterHead(bytes.length(), () -> response.write(bytes));
        }

        @Override
        public Future<Void> end(Buffer bytes) {
            return afterHead(bytes.length(), () -> response.end(bytes));
        }

        @Override
        public Future<Void> end() {
            return inTurn(stream, response::end);
        }

        @Override
        public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
            response.exceptionHandler(handler);
            return this;
        }

        @Override
        public WriteStream<Buffer> setWriteQueueMaxSize(int size) {
            response.setWriteQueueMaxSize(size);
            return this;
        }

        @Override
        public boolean writeQueueFull() {
            return !mayWrite(stream) || response.writeQueueFull();
        }

        @Override
        public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
            response.drainHandler(handler);
            return this;
        }
    }
}
