package dev.flotilla.agent.trust;

import dev.flotilla.vocabulary.Sha256;

/**
 * Names a release, so that it is known again.
 *
 * @param content the digest of the canonical form of its signed part
 */
public record Mark(long version, Sha256 content) {}
