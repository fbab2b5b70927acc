package dev.flotilla.controller.local.route53;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** Bytes of a socket, all of which must arrive before a moment: a peer that drips gains no time. Not thread-safe. */
final class TimedInput {
    private final Socket socket;
    private final InputStream bytes;
    private final byte[] buffer = new byte[1024];
    private int next;
    private int end;
    private long deadlineNanos;

    TimedInput(Socket socket, Duration allowed) throws IOException {
        this.socket = socket;
        this.bytes = socket.getInputStream();
        allow(allowed);
    }

    /** Begins a new span of time for what is read from now on. */
    void allow(Duration allowed) {
        deadlineNanos = System.nanoTime() + allowed.toNanos();
    }

    /** The next byte, or -1 at the end. */
    int read() throws IOException {
        if (next == end) {
            long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                throw new SocketTimeoutException("The endpoint did not answer in time");
            }
            socket.setSoTimeout(Math.toIntExact(leftMillis));
            int count = bytes.read(buffer);
            if (count < 0) {
                return -1;
            }
            next = 0;
            end = count;
        }
        int value = buffer[next] & 0xff;
        next++;
        return value;
    }
}
