package dev.flotilla.agent.archive;

import java.io.IOException;

/** The archive is broken or hostile, as opposed to the disk being full. Never leaves the package. */
final class RefusedArchiveException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedArchiveException(String message) {
        super(message);
    }
}
