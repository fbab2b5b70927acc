package dev.flotilla.mirror.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.VertxConnection;

/**
 * Has an answer that came whole be taken before the end of its connection is heard of. Vert.x fails an answer whose connection ends
 * while its reader pauses, although all of it is here: up to eight parts of it wait at the connection, and the end overtakes them.
 * Servers end connections right after an answer as a matter of course (HTTP/1.0, {@code Connection: close}; RFC 9112, section 9.6).
 *
 * <p>The parts go to where the reader takes them from. An answer that broke off is failed at once, as ever.
 */
final class WholeAnswers extends ChannelInboundHandlerAdapter {
    private final VertxConnection connection;
    private int parts;
    private boolean whole;

    private WholeAnswers(VertxConnection connection) {
        this.connection = connection;
    }

    /** Watches over a new connection, before anything is asked on it. */
    static void on(HttpConnection connection) {
        var vertx = (VertxConnection) connection;
        var end = vertx.channelHandlerContext();
        end.pipeline().addBefore(end.name(), null, new WholeAnswers(vertx));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpResponse) {
            parts = 0;
        }
        if (message instanceof HttpObject) {
            parts++;
            whole = message instanceof LastHttpContent;
        }
        context.fireChannelRead(message);
    }

    /** Each turn takes one part at least: the connection pauses again whenever its reader has enough. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        for (int i = 0; whole && i < parts; i++) {
            connection.doResume();
        }
        context.fireChannelInactive();
    }
}
