package dev.flotilla.agent.trust;

import dev.flotilla.vocabulary.ByteSize;
import java.util.Optional;

/** Where a repository's metadata are fetched from. Untrusted. Never throws because of the network: that is an outcome. */
@FunctionalInterface
public interface MetadataSource {
    /**
     * Fetches a file.
     *
     * @param known the version of the object that the caller has
     * @param limit a longer file is not read to its end
     */
    Fetched fetch(MetadataFile file, Optional<String> known, ByteSize limit);

    /** The outcome of fetching. */
    sealed interface Fetched {
        /** The file; its content belongs to the caller. */
        final class Found implements Fetched {
            private final byte[] content;
            private final Optional<String> tag;

            public Found(byte[] content, Optional<String> tag) {
                this.content = content;
                this.tag = tag;
            }

            public byte[] content() {
                return content;
            }

            /** The version of the object, where the source knows versions. */
            public Optional<String> tag() {
                return tag;
            }
        }

        /** It is still what the caller has. */
        record NotModified() implements Fetched {}

        record Absent(String reason) implements Fetched {}

        record TooLarge(String reason) implements Fetched {}

        record Failed(String reason) implements Fetched {}
    }
}
