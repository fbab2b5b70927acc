package dev.flotilla.controller.ssh;

import dev.flotilla.controller.machine.Input;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * What goes to a command as its input. The library leaves a command waiting for ever where reading fails; this ends instead.
 * For the library's one thread; closed by another.
 */
final class SentInput extends InputStream {
    private final Input input;
    private @Nullable InputStream source;
    private boolean ended;

    SentInput(Input input) {
        this.input = input;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] bytes, int offset, int length) {
        if (ended) {
            return -1;
        }
        try {
            if (source == null) {
                source = input.open();
            }
            int read = source.read(bytes, offset, length);
            ended = read < 0;
            return read;
        } catch (IOException unreadable) {
            ended = true;
            return -1;
        }
    }

    @Override
    public synchronized void close() {
        ended = true;
        try {
            if (source != null) {
                source.close();
            }
        } catch (IOException ignored) {
            // It was only read.
        }
    }
}
