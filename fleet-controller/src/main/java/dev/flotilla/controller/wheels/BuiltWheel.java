package dev.flotilla.controller.wheels;

import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import dev.flotilla.vocabulary.WheelName;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A wheel that was built and has passed its checks.
 *
 * @param filename of the wheel
 * @param file where its bytes are
 * @param size in bytes
 * @param requiresPython as its metadata say it
 * @param metadata the digest of its {@code METADATA} (PEP 658)
 * @param log what the build said; the file may have been cut
 */
public record BuiltWheel(
        PlatformSlug platform,
        String filename,
        Path file,
        Sha256 digest,
        long size,
        Optional<String> requiresPython,
        Sha256 metadata,
        Instant built,
        Provenance provenance,
        Path log) {
    public BuiltWheel {
        WheelName name = WheelName.parse(filename)
                .orElseThrow(() -> new IllegalArgumentException("'" + filename + "' is no wheel's name"));
        ProjectName project = provenance.sdist().project();
        if (!name.project().equals(project)) {
            throw new IllegalArgumentException(filename + " is no wheel of " + project);
        }
    }

    public ProjectName project() {
        return provenance.sdist().project();
    }
}
