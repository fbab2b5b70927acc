package dev.flotilla.controller.machine;

import java.io.IOException;
import java.io.InputStream;

/** What a command reads as its standard input. It is opened when the command begins, and read as fast as the machine takes it. */
@FunctionalInterface
public interface Input {
    /** No bytes: the command finds the end at once. */
    Input NOTHING = InputStream::nullInputStream;

    InputStream open() throws IOException;
}
