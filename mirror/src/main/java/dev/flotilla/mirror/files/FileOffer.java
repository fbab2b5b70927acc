package dev.flotilla.mirror.files;

import dev.flotilla.mirror.upstream.Deferral;
import dev.flotilla.vocabulary.Sha256;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

/** What the project pages say about one file. */
public sealed interface FileOffer {
    /**
     * A page names the file.
     *
     * @param location where upstream has it, absolute
     * @param sha256 its digest, where the page has one
     * @param size how many bytes it has, where the page says so
     * @param metadata what the page says about its metadata file
     */
    record Offered(URI location, Optional<Sha256> sha256, OptionalLong size, MetadataOffer metadata)
            implements FileOffer {}

    /** The pages are known and none names the file; it may still be had by its path where an upstream has such paths. */
    record NotOffered() implements FileOffer {}

    /** A page names the file, and it must not be given out: nobody is asked for it. */
    record Withheld(String reason) implements FileOffer {}

    /** Whether it may be given out can't be found out now: nobody is asked for it. */
    record Undecidable(String reason, Optional<Deferral> deferral) implements FileOffer {}

    /**
     * The pages that would name it couldn't be had.
     *
     * @param deferral where nobody was asked for them: why, and when somebody will be
     */
    record Unknowable(String reason, Optional<Deferral> deferral) implements FileOffer {
        /** Somebody was asked. */
        public Unknowable(String reason) {
            this(reason, Optional.empty());
        }
    }

    /**
     * What a page says about a file's metadata (PEP 658, PEP 714).
     *
     * @param advertised whether upstream offers it as a file of its own
     * @param sha256 its digest, where the page has one: without it the metadata is taken from the wheel
     */
    record MetadataOffer(boolean advertised, Optional<Sha256> sha256) {
        /** Upstream doesn't offer it. */
        public static MetadataOffer none() {
            return new MetadataOffer(false, Optional.empty());
        }
    }
}
