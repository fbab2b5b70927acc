package dev.flotilla.mirror.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Stream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Bounds what one connection asks: how long the head of a request may take to come, however busily it trickles, and after how many
 * requests the connection ends, as if its client had said so (RFC 9112, section 9.6). In HTTP/2, where heads aren't seen, a connection
 * is given up on which no stream has been open for so long, whatever else its client says. Belongs to the connection's event loop.
 */
final class RequestBounds extends ChannelInboundHandlerAdapter {
    /** The name that Vert.x gives to its own end of the pipeline. */
    private static final String SERVER = "handler";

    private final long limitNanos;
    private final boolean multiplexed;
    private final ConnectionPlace place;
    private final Runnable goodbye;
    private int most;
    private int requests;

    /** Requests whose answers have not all been written. */
    private int answering;

    private int lastStream;
    private long begunNanos;
    private boolean watching;
    private boolean ended;
    private Runnable closing = () -> {};

    private RequestBounds(Duration limit, int most, boolean multiplexed, ConnectionPlace place, Runnable goodbye) {
        this.limitNanos = limit.toNanos();
        this.most = most;
        this.multiplexed = multiplexed;
        this.place = place;
        this.goodbye = goodbye;
    }

    /** Bounds an HTTP/1 connection whose heads may take {@code limit}. To be called on its event loop. */
    static void on(ChannelPipeline pipeline, Duration limit, int most, ConnectionPlace place) {
        var bounds = new RequestBounds(limit, most, false, place, () -> {});
        pipeline.addFirst(bounds);
        pipeline.addBefore(SERVER, null, bounds.new Heads());
    }

    /**
     * Bounds an HTTP/2 connection that may be without a stream for {@code limit}. To be called on its event loop.
     *
     * @param goodbye has the connection end once the requests on it are answered
     */
    static void onMultiplexed(
            ChannelPipeline pipeline, Duration limit, int most, ConnectionPlace place, Runnable goodbye) {
        var bounds = new RequestBounds(limit, most, true, place, goodbye);
        pipeline.addFirst(bounds);
        pipeline.get(Http2ConnectionHandler.class).connection().addListener(bounds.new Streams());
    }

    /** Takes the next request for the last one. On the connection's event loop. */
    static void end(ChannelPipeline pipeline) {
        var bounds = pipeline.get(RequestBounds.class);
        if (bounds != null) {
            bounds.most = 0;
            bounds.sayGoodbyeInTime();
        }
    }

    /** Has {@code closing} run as soon as no stream is open, and none may be opened any more. On the connection's event loop. */
    static void whenAnswered(ChannelPipeline pipeline, Runnable closing) {
        var bounds = pipeline.get(RequestBounds.class);
        if (bounds == null) {
            return;
        }
        var executor = pipeline.channel().eventLoop();
        bounds.closing = () -> executor.execute(closing);
        if (bounds.answering == 0) {
            closing.run();
        }
    }

    private void sayGoodbyeInTime() {
        if (multiplexed && !ended && requests >= most) {
            ended = true;
            goodbye.run();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (begunNanos == 0) {
            begunNanos = now();
        }
        super.channelRead(context, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        if (multiplexed) {
            countStreams(context);
        }
        if (begunNanos != 0 && !watching) {
            watch(context);
        }
    }

    private void countStreams(ChannelHandlerContext context) {
        var http = context.pipeline().get(Http2ConnectionHandler.class);
        if (http == null) {
            return;
        }
        int last = http.connection().remote().lastStreamCreated();
        if (last != lastStream) {
            // Clients count theirs in odd numbers (RFC 9113, section 5.1.1).
            requests += (last - lastStream + 1) / 2;
            lastStream = last;
            begunNanos = now();
            sayGoodbyeInTime();
        }
        if (http.connection().numActiveStreams() > 0) {
            begunNanos = 0;
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The next look sees whether the connection has ended.
    private void watch(ChannelHandlerContext context) {
        watching = false;
        if (begunNanos == 0 || !context.channel().isOpen()) {
            return;
        }
        if (answering > 0 || !context.channel().config().isAutoRead()) {
            // What else came, an empty line or a part of the next head, waits for an answer: its client isn't to blame.
            begunNanos = now();
        }
        long left = limitNanos - (System.nanoTime() - begunNanos);
        if (left <= 0) {
            context.close();
        } else {
            watching = true;
            context.executor().schedule(() -> watch(context), left, TimeUnit.NANOSECONDS);
        }
    }

    /** Never 0, which stands for nothing. */
    private static long now() {
        return System.nanoTime() | 1;
    }

    /** Sees heads that have come, and the ends of answers. */
    private final class Heads extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (message instanceof HttpRequest request) {
                begunNanos = 0;
                requests++;
                if (answering++ == 0 && !place.answers()) {
                    most = 0;
                }
                RequestHeads.judge(request);
                if (requests >= most) {
                    request.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
                }
            }
            super.channelRead(context, message);
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
            if (message instanceof LastHttpContent && --answering == 0) {
                place.rests();
            }
            super.write(context, message, promise);
        }
    }

    /** Hears of the streams of HTTP/2. */
    private final class Streams extends Http2ConnectionAdapter {
        @Override
        public void onStreamActive(Http2Stream stream) {
            if (answering++ == 0 && !place.answers()) {
                most = 0;
            }
        }

        @Override
        public void onStreamClosed(Http2Stream stream) {
            if (--answering == 0) {
                place.rests();
                closing.run();
            }
        }
    }
}
