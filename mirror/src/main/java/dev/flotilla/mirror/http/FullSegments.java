package dev.flotilla.mirror.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.channel.epoll.EpollSocketChannel;

/**
 * Has the head of an answer leave together with the first bytes of the file that the system sends behind it, in full segments
 * (TCP_CORK of tcp(7)): else the head is a segment of its own, which wakes its client once more. Belongs to the connection's event
 * loop.
 */
final class FullSegments extends ChannelOutboundHandlerAdapter {
    private final EpollSocketChannel socket;

    FullSegments(EpollSocketChannel socket) {
        this.socket = socket;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // The promise tells.
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (!(message instanceof FileRegion) || !socket.isOpen()) {
            context.write(message, promise);
            return;
        }
        // What was written before it hasn't been flushed yet.
        socket.config().setTcpCork(true);
        context.write(message, promise.unvoid().addListener(over -> {
            if (socket.isOpen()) {
                socket.config().setTcpCork(false);
            }
        }));
    }
}
