package dev.flotilla.controller.publish;

import java.nio.file.Path;

/** What came of making a root. */
public sealed interface RootChange {
    /** It has all signatures and is what nodes are led to by the next publication. */
    record Made(long version, Path file) implements RootChange {}

    /**
     * It lacks signatures.
     *
     * @param lacking whose
     */
    record Staged(long version, Path file, String lacking) implements RootChange {}

    /** Nothing was made; the reason says what to do. */
    record Refused(String reason) implements RootChange {}
}
