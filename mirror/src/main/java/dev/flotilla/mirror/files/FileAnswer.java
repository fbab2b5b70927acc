package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.StoredFile;

/** What a client gets that asks for a file. */
public sealed interface FileAnswer {
    /** The whole file is here. Whoever takes this answer releases {@code file} once it was sent. */
    record Stored(StoredFile file) implements FileAnswer {}

    /** The file is coming. Whoever takes this answer streams {@code file} or releases it. */
    record Growing(GrowingFile file) implements FileAnswer {}

    /** There is no such file: whoever is responsible says so. */
    record Unknown() implements FileAnswer {}

    /** Nobody could say, or the file couldn't be had whole and right; {@code reason} is one line for people. */
    record Unavailable(String reason) implements FileAnswer {}
}
