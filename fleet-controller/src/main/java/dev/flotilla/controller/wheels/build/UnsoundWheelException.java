package dev.flotilla.controller.wheels.build;

/** What was built is no wheel that anybody may have; the message says why, in a line. */
final class UnsoundWheelException extends Exception {
    private static final long serialVersionUID = 1;

    UnsoundWheelException(String message) {
        super(message);
    }
}
