package dev.flotilla.controller.wheels.build;

import dev.flotilla.controller.machine.Input;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What somebody on another machine hears while he is still wanted: a first line, then an empty one each second. However we end, he hears
 * no more of it, and ends what he does for us. Opened once.
 */
final class Lifeline implements Input {
    private static final int SECONDS_BETWEEN = 1;

    private final byte[] first;
    private final CountDownLatch released = new CountDownLatch(1);

    /** @param first without the end of its line */
    Lifeline(byte[] first) {
        this.first = first.clone();
    }

    /** He isn't wanted any more. */
    void release() {
        released.countDown();
    }

    @Override
    public InputStream open() {
        return new InputStream() {
            private int sent;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                if (sent < first.length) {
                    int part = Math.min(length, first.length - sent);
                    System.arraycopy(first, sent, bytes, offset, part);
                    sent += part;
                    return part;
                }
                if (sent == first.length) {
                    sent++;
                } else if (isReleased()) {
                    return -1;
                }
                bytes[offset] = '\n';
                return 1;
            }
        };
    }

    private boolean isReleased() {
        try {
            return released.await(SECONDS_BETWEEN, TimeUnit.SECONDS);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
