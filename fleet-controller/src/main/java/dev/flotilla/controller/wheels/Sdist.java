package dev.flotilla.controller.wheels;

import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/**
 * The source of a version as upstream has it. Nothing of it is run outside a sandbox.
 *
 * @param version as its project page has it
 * @param url where it is, by {@code http} or {@code https}
 * @param size in bytes, where the page says so
 * @param uploaded when, where the page says so
 */
public record Sdist(
        ProjectName project,
        String version,
        String filename,
        URI url,
        Sha256 digest,
        Optional<Long> size,
        Optional<Instant> uploaded) {}
