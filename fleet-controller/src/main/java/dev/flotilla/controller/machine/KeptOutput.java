package dev.flotilla.controller.machine;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * The beginning of what a command writes; the rest is taken and forgotten, so that the command goes on. Somebody is told each line of
 * all of it. Thread-safe.
 */
public final class KeptOutput extends OutputStream {
    /** A line that is longer is told in parts. */
    private static final int LONGEST_LINE_BYTES = 64 << 10;

    private final int most;
    private final Consumer<String> heard;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean whole = true;

    public KeptOutput(int most) {
        this(most, line -> {});
    }

    public KeptOutput(int most, Consumer<String> heard) {
        this.most = most;
        this.heard = heard;
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
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] == '\n' || line.size() == LONGEST_LINE_BYTES) {
                tell();
            }
            if (bytes[i] != '\n') {
                line.write(bytes[i]);
            }
        }
    }

    private void tell() {
        heard.accept(line.toString(StandardCharsets.UTF_8));
        line.reset();
    }

    /** Nothing more comes: what is behind the last end of a line is told, too. */
    public synchronized void end() {
        if (line.size() > 0) {
            tell();
        }
    }

    public synchronized byte[] bytes() {
        return kept.toByteArray();
    }

    public synchronized boolean isWhole() {
        return whole;
    }
}
