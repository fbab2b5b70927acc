package dev.flotilla.mirror.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a socket holds back what would be no full segment, over real ones. */
class FullSegmentsTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final byte[] HEAD = "HTTP/1.1 200 OK\r\n\r\n".getBytes(US_ASCII);

    /** More than the system takes of a client that reads nothing. */
    private static final int LARGE = 32 << 20;

    @TempDir
    private Path folder;

    private final LinkedBlockingQueue<EpollSocketChannel> accepted = new LinkedBlockingQueue<>();
    private MultiThreadIoEventLoopGroup loops;
    private Socket client;
    private EpollSocketChannel channel;

    @BeforeEach
    void connect() throws Exception {
        assumeTrue(Epoll.isAvailable());
        loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        var server = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<EpollSocketChannel>() {
                    @Override
                    protected void initChannel(EpollSocketChannel socket) {
                        socket.pipeline().addLast(new FullSegments(socket));
                        accepted.add(socket);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        client = new Socket(InetAddress.getLoopbackAddress(), ((InetSocketAddress) server.localAddress()).getPort());
        client.setSoTimeout((int) LONG.toMillis());
        channel = accepted.poll(LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(channel).isNotNull();
    }

    @AfterEach
    void stop() throws IOException {
        if (loops != null) {
            client.close();
            loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private FileRegion file(byte[] bytes) throws IOException {
        return new DefaultFileRegion(Files.write(folder.resolve("file"), bytes).toFile(), 0, bytes.length);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    /** On the event loop, where nothing leaves meanwhile; whether the socket holds back afterwards. */
    private boolean holdsBackAfterWriting(Object... messages) throws Exception {
        return channel.eventLoop()
                .submit(() -> {
                    for (Object message : messages) {
                        assertThat(channel.write(message)).isNotNull();
                    }
                    return channel.config().isTcpCork();
                })
                .get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aHeadIsHeldBackUntilItsFileHasLeft() throws Exception {
        byte[] content = bytes(100_001);
        FileRegion file = file(content);

        assertThat(holdsBackAfterWriting(Unpooled.wrappedBuffer(HEAD), file)).isTrue();
        channel.flush();

        assertThat(client.getInputStream().readNBytes(HEAD.length)).isEqualTo(HEAD);
        assertThat(client.getInputStream().readNBytes(content.length)).isEqualTo(content);
        await().atMost(LONG).until(() -> file.refCnt() == 0);
        assertThat(holdsBackAfterWriting()).isFalse();
    }

    @Test
    void whatIsNoFileLeavesAsItIs() throws Exception {
        assertThat(holdsBackAfterWriting(Unpooled.wrappedBuffer(HEAD))).isFalse();
        channel.flush();

        assertThat(client.getInputStream().readNBytes(HEAD.length)).isEqualTo(HEAD);
    }

    @Test
    void whoLeavesInTheMiddleLeavesNothingBehind() throws Exception {
        FileRegion file = file(bytes(LARGE));
        var sent = channel.writeAndFlush(file);
        assertThat(client.getInputStream().readNBytes(1)).hasSize(1);
        client.close();

        assertThat(sent.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(sent.isSuccess()).isFalse();
        assertThat(file.refCnt()).isZero();
    }

    @Test
    void nothingIsSentToWhoHasLeft() throws Exception {
        FileRegion file = file(bytes(1));
        channel.close().await(LONG.toSeconds(), TimeUnit.SECONDS);

        var sent = channel.writeAndFlush(file);

        assertThat(sent.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(sent.isSuccess()).isFalse();
        assertThat(file.refCnt()).isZero();
    }
}
