package dev.flotilla.agent.bucket;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A way to a server that loses an answer when it is told to: the request arrives, and instead of an answer the connection ends. Or
 * it brings only so much of each answer for as long as it is told to, and then nothing more.
 */
public final class ForgetfulWay implements AutoCloseable {
    private final ServerSocket entry;
    private final URI server;
    private final ExecutorService carriers = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicBoolean forgetting = new AtomicBoolean();
    private final AtomicLong carried = new AtomicLong();
    private final CountDownLatch stall = new CountDownLatch(1);
    private volatile long stallAfter = Long.MAX_VALUE;
    private final AtomicInteger forgotten = new AtomicInteger();

    public ForgetfulWay(URI server) throws IOException {
        this.server = server;
        entry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        carriers.execute(this::accept);
    }

    public URI entry() {
        return URI.create("http://127.0.0.1:" + entry.getLocalPort());
    }

    void forgetNextAnswer() {
        forgetting.set(true);
    }

    /** From now on no connection brings more than this of its answers. */
    public void stallAfter(long bytes) {
        stallAfter = bytes;
    }

    /** How much of all answers has come through. */
    public long carried() {
        return carried.get();
    }

    int forgotten() {
        return forgotten.get();
    }

    private void accept() {
        while (true) {
            try {
                Socket client = entry.accept();
                Socket onward = new Socket(server.getHost(), server.getPort());
                carriers.execute(() -> carry(client, onward, false));
                carriers.execute(() -> carry(onward, client, true));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void carry(Socket from, Socket to, boolean answers) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] block = new byte[8192];
            long brought = 0;
            for (int read = in.read(block); read >= 0; read = in.read(block)) {
                if (answers && forgetting.compareAndSet(true, false)) {
                    forgotten.incrementAndGet();
                    return;
                }
                out.write(block, 0, read);
                brought += read;
                if (answers) {
                    carried.addAndGet(read);
                    if (brought > stallAfter) {
                        stall.await();
                    }
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } catch (IOException ended) {
            // One side has gone: so does the other.
        }
    }

    @Override
    public void close() throws IOException {
        entry.close();
        carriers.shutdownNow();
        carriers.close();
    }
}
