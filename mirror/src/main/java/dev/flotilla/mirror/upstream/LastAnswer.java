package dev.flotilla.mirror.upstream;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Has the end of a connection wait for the answer that came whole before it. Vert.x fails an answer whose connection ends while
 * its reader pauses, although all of it is here: what its reader hasn't taken yet would be lost. Servers end connections right
 * after an answer as a matter of course (HTTP/1.0, {@code Connection: close}; RFC 9112, section 9.6).
 *
 * <p>Vert.x closes such a connection itself once it has taken the answer, or when the answer is given up; then it hears that
 * the connection has ended. An answer that broke off is not waited for.
 */
final class LastAnswer extends ChannelDuplexHandler {
    private final boolean onlyOne;
    private boolean last;
    private boolean whole;
    private boolean closing;
    private boolean held;

    private LastAnswer(boolean onlyOne) {
        this.onlyOne = onlyOne;
    }

    /**
     * Watches over a new connection, before anything is asked on it.
     *
     * @param onlyOne whether it is closed after its first answer, whatever the server says
     */
    static void of(HttpConnection connection, boolean onlyOne) {
        var vertx = ((ConnectionBase) connection).channelHandlerContext();
        vertx.pipeline().addBefore(vertx.name(), null, new LastAnswer(onlyOne));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpResponse head && head.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            last = onlyOne || endsConnection(head);
            whole = false;
        }
        if (message instanceof LastHttpContent) {
            whole = true;
        }
        context.fireChannelRead(message);
    }

    /** Exactly when Vert.x thinks so: nobody else would close the connection. */
    private static boolean endsConnection(HttpResponse head) {
        String wish = head.headers().get(HttpHeaderNames.CONNECTION);
        return HttpHeaderValues.CLOSE.contentEqualsIgnoreCase(wish)
                || (head.protocolVersion().equals(HttpVersion.HTTP_1_0)
                        && !HttpHeaderValues.KEEP_ALIVE.contentEqualsIgnoreCase(wish));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (last && whole && !closing) {
            held = true;
        } else {
            context.fireChannelInactive();
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // It is the promise that was given.
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        closing = true;
        context.close(promise);
        if (held) {
            held = false;
            context.fireChannelInactive();
        }
    }
}
