package dev.flotilla.mirror.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Ends an HTTP/2 connection so that no request on its way is lost (RFC 9113, section 6.8). A first GOAWAY names no last stream: what
 * comes is answered. The second names the last one that came, once none has come for a while. The connection ends a while after that,
 * when all are answered: a client that hears of both at once may take the request that was left for a failed one. Turns are counted and
 * not time, as a machine that stands still lets nobody hear anything. Belongs to the connection's event loop.
 */
final class Goodbye {
    /** RFC 9113, section 7. */
    private static final long NO_ERROR = 0;

    private static final Duration TURN = Duration.ofMillis(250);

    /** For so many turns no stream has come: two seconds, in which every client hears of it. */
    private static final int QUIET = 8;

    /** So long a client may go on opening streams: ten seconds. */
    private static final int MOST = 40;

    /** For a second after the last word. */
    private static final int HEARD = 4;

    private final Channel channel;
    private final HttpConnection connection;
    private int last;
    private int turns;
    private int quiet;
    private boolean named;

    private Goodbye(Channel channel, HttpConnection connection) {
        this.channel = channel;
        this.connection = connection;
    }

    /** Begins to end {@code connection}, whose answers may take as long as they get on. */
    static void say(Channel channel, HttpConnection connection) {
        connection.goAway(NO_ERROR, Integer.MAX_VALUE);
        var goodbye = new Goodbye(channel, connection);
        goodbye.last = goodbye.lastStream();
        goodbye.later();
    }

    /** At once, and not whatever is on its way: the last word is that of the streams that have come. */
    static void sayShortly(HttpConnection connection) {
        connection.goAway(NO_ERROR);
    }

    private int lastStream() {
        var http = channel.pipeline().get(Http2ConnectionHandler.class);
        return http == null ? last : http.connection().remote().lastStreamCreated();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The next turn sees whether the connection has ended.
    private void later() {
        channel.eventLoop().schedule(this::turn, TURN.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void turn() {
        if (!channel.isOpen()) {
            return;
        }
        turns++;
        int now = lastStream();
        quiet = now == last || named ? quiet + 1 : 0;
        last = now;
        if (named && quiet == HEARD) {
            RequestBounds.whenAnswered(channel.pipeline(), connection::close);
            return;
        }
        if (!named && (quiet == QUIET || turns == MOST)) {
            named = true;
            quiet = 0;
            sayShortly(connection);
        }
        later();
    }
}
