package dev.flotilla.mirror.store;

import java.io.IOException;

/** The budget doesn't allow it: the file is larger than it, or everything else is being sent. */
public final class NoRoom extends IOException {
    private static final long serialVersionUID = 1L;

    NoRoom(String message) {
        super(message);
    }
}
