package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ByteSize;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that fails once it has given more than a limit. Closing it leaves the stream behind it open. For one thread. */
final class BoundedInput extends FilterInputStream {
    private long left;

    /** The stream has more than the limit. */
    static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    BoundedInput(InputStream in, ByteSize limit) {
        super(in);
        this.left = limit.bytes();
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value >= 0) {
            spend(1);
        }
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        if (count > 0) {
            spend(count);
        }
        return count;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() {
        // its owner closes the stream behind it
    }

    private void spend(int count) throws TooLargeException {
        left -= count;
        if (left < 0) {
            throw new TooLargeException();
        }
    }
}
