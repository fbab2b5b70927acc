package dev.flotilla.mirror.store;

import java.io.IOException;

/** The disk doesn't take anything at the moment: it has failed lately, or it is as good as full. */
public final class Unwritable extends IOException {
    private static final long serialVersionUID = 1L;

    Unwritable(String message) {
        super(message);
    }
}
