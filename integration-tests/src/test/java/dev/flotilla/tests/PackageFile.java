package dev.flotilla.tests;

import dev.flotilla.vocabulary.Sha256;

/** A file that an index of a test offers. */
interface PackageFile {
    /** The normal form of the name of the project that has it. */
    String project();

    String filename();

    byte[] content();

    default Sha256 digest() {
        return Sha256.of(content());
    }
}
