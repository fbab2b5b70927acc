package dev.flotilla.mirror.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long a connection that is closed is kept for what its client still sends, over real sockets. */
class LingeringCloseTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration NEVER = Duration.ofDays(1);

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final LinkedBlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Socket connect(Duration silence, Duration limit) throws IOException {
        Channel server = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new LingeringClose(silence, limit));
                        accepted.add(channel);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        var socket =
                new Socket(InetAddress.getLoopbackAddress(), ((InetSocketAddress) server.localAddress()).getPort());
        socket.setSoTimeout((int) LONG.toMillis());
        return socket;
    }

    /** The server's end of the connection, which has been closed. */
    private Channel closed() throws InterruptedException {
        Channel channel = accepted.poll(LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(channel).isNotNull();
        assertThat(channel.close()).isNotNull();
        return channel;
    }

    @Test
    void whoSaysNothingMoreIsLeftAfterTheSilence() throws Exception {
        try (var client = connect(SHORT, NEVER)) {
            Channel channel = closed();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            await().atMost(LONG).until(() -> !channel.isOpen());
        }
    }

    @Test
    void whoGoesOnSendingIsLeftAtTheLimit() throws Exception {
        try (var client = connect(NEVER, SHORT)) {
            Channel channel = closed();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            await().atMost(LONG).until(() -> {
                try {
                    client.getOutputStream().write('x');
                } catch (IOException reset) {
                    return true;
                }
                return !channel.isOpen();
            });
            await().atMost(LONG).until(() -> !channel.isOpen());
        }
    }

    @Test
    void whoStillSendsIsHeardUntilItCloses() throws Exception {
        try (var client = connect(NEVER, NEVER)) {
            Channel channel = closed();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            for (int i = 0; i < 100; i++) {
                client.getOutputStream().write(new byte[10_000]);
            }
            assertThat(channel.isOpen()).isTrue();
            client.shutdownOutput();
            await().atMost(LONG).until(() -> !channel.isOpen());
        }
    }
}
