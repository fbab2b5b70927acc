package dev.flotilla.mirror.http;

import dev.flotilla.mirror.upstream.ClientNetwork;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one connection has of a {@link ConnectionRoom}. Its event loop says when answers are under way; any thread may give the place of an
 * idle connection to a new one. Where both happen at once, the request is answered and the connection ends with it.
 */
final class ConnectionPlace {
    /** What a connection is. */
    enum Kind {
        /** One like any other. */
        WHOLE,
        /** One for health checks alone. */
        SPARE,
        /** None: it is to be closed. */
        NONE
    }

    private static final long ANSWERING = 0;
    private static final long GIVEN_AWAY = -1;

    private final ConnectionRoom room;
    private final Channel channel;
    private final ClientNetwork network;
    private final long number;
    private final Runnable goodbye;

    /** Since when no answer is under way, as {@link ConnectionRoom#now} says, or one of the above. */
    private final AtomicLong idleSince;

    private Kind kind;
    private boolean answering;

    /** @param goodbye closes the connection, which has lost its place; on its event loop */
    ConnectionPlace(
            ConnectionRoom room, Channel channel, ClientNetwork network, long number, Kind kind, Runnable goodbye) {
        this.room = room;
        this.channel = channel;
        this.network = network;
        this.number = number;
        this.kind = kind;
        this.goodbye = goodbye;
        idleSince = new AtomicLong(room.now());
    }

    Kind kind() {
        return kind;
    }

    Channel channel() {
        return channel;
    }

    ClientNetwork network() {
        return network;
    }

    /** The larger, the later it came. */
    long number() {
        return number;
    }

    /** Whether an answer is under way. On the connection's event loop. */
    boolean isAnswering() {
        return answering;
    }

    /**
     * An answer has come to be under way, where none was. On the connection's event loop.
     *
     * @return whether the connection may go on after it: it has a place, also one that it gets only now
     */
    boolean answers() {
        answering = true;
        if (kind == Kind.SPARE && room.rise(this)) {
            kind = Kind.WHOLE;
        }
        long since = idleSince.get();
        boolean keeps = since == ANSWERING || (since != GIVEN_AWAY && idleSince.compareAndSet(since, ANSWERING));
        return keeps && kind == Kind.WHOLE;
    }

    /** No answer is under way any more. On the connection's event loop. */
    void rests() {
        answering = false;
        idleSince.compareAndSet(ANSWERING, room.now());
    }

    /** Since when it has been idle, or {@link Long#MAX_VALUE} where it isn't, or something is still on its way to its client. */
    long idleSince() {
        long since = idleSince.get();
        if (since == ANSWERING || since == GIVEN_AWAY) {
            return Long.MAX_VALUE;
        }
        ChannelOutboundBuffer onItsWay = channel.unsafe().outboundBuffer();
        return onItsWay == null || onItsWay.totalPendingWriteBytes() == 0 ? since : Long.MAX_VALUE;
    }

    /** Gives the place of the connection to another one, if nothing was asked on it {@code since}. */
    boolean giveAway(long since) {
        if (!idleSince.compareAndSet(since, GIVEN_AWAY)) {
            return false;
        }
        channel.eventLoop().execute(goodbye);
        return true;
    }

    /** To be called once when the connection has ended. */
    void leave() {
        room.leave(this, idleSince.getAndSet(GIVEN_AWAY) != GIVEN_AWAY);
    }
}
