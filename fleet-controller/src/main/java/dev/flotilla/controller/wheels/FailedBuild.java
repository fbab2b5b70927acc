package dev.flotilla.controller.wheels;

import dev.flotilla.vocabulary.BuilderName;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A build that gave no wheel.
 *
 * @param reason in a line, for people
 * @param log what the build said, where it came so far
 */
public record FailedBuild(WantedWheel wanted, BuilderName builder, Instant ended, String reason, Optional<Path> log) {}
