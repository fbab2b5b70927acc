package dev.flotilla.mirror.files;

import java.io.IOException;

/** A file's bytes couldn't be read, or aren't all there: a matter of the disk and not of the client's. */
public final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1;

    UnreadableException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
