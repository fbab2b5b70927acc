package dev.flotilla.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for what has to be told its port before it runs, and where nobody is to listen. They are below those that the system gives to
 * whoever asks for any, or connects to anybody: between its choice and its use a port of that range may be anybody's.
 */
public final class FreePort {
    private static final int FIRST = 20_000;
    private static final int END = 32_000;
    private static final int PORTS_OF_A_JVM = 1_000;

    /** JVMs of tests run side by side: this one's ports are behind the one that it listens at for as long as it runs. */
    private static final ServerSocket CLAIM = claim();

    private static final AtomicInteger CHOSEN = new AtomicInteger();

    private FreePort() {}

    private static ServerSocket claim() {
        for (int port = FIRST; port + PORTS_OF_A_JVM <= END; port += PORTS_OF_A_JVM) {
            try {
                return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
            } catch (IOException another) {
                // It has that one, and what is behind it.
            }
        }
        throw new IllegalStateException("too many tests run at once");
    }

    /** A port of loopback that nobody has, by TCP and by UDP. Another one at every call, until all have had their turn. */
    public static int choose() throws IOException {
        for (int tried = 1; tried < PORTS_OF_A_JVM; tried++) {
            int port = CLAIM.getLocalPort() + 1 + CHOSEN.getAndIncrement() % (PORTS_OF_A_JVM - 1);
            try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                    var _ = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
                return port;
            } catch (BindException taken) {
                // The next one, then.
            }
        }
        throw new IOException("no port is free");
    }
}
