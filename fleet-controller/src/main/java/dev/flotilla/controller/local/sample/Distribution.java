package dev.flotilla.controller.local.sample;

import dev.flotilla.vocabulary.Sha256;

/** One packed file of the index: a wheel or a source archive. */
final class Distribution {
    private final CoreMetadata core;
    private final String filename;
    private final byte[] content;

    Distribution(CoreMetadata core, String filename, byte[] content) {
        this.core = core;
        this.filename = filename;
        this.content = content;
    }

    CoreMetadata core() {
        return core;
    }

    String filename() {
        return filename;
    }

    /** Not copied: the build is one thread and writes it once. */
    byte[] content() {
        return content;
    }

    Sha256 digest() {
        return Sha256.of(content);
    }

    /** Whether the index offers {@code <filename>.metadata} (PEP 658): for wheels, whose metadata is final. */
    boolean offersMetadata() {
        return filename.endsWith(".whl");
    }
}
