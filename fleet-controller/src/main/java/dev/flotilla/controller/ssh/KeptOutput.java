package dev.flotilla.controller.ssh;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/** The beginning of what a command writes; the rest is taken and forgotten, so that the command goes on. Thread-safe. */
final class KeptOutput extends OutputStream {
    private final int most;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean whole = true;

    KeptOutput(int most) {
        this.most = most;
    }

    @Override
    public synchronized void write(int one) {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        int part = Math.min(length, most - kept.size());
        kept.write(bytes, offset, part);
        whole &= part == length;
    }

    synchronized byte[] bytes() {
        return kept.toByteArray();
    }

    synchronized boolean isWhole() {
        return whole;
    }
}
