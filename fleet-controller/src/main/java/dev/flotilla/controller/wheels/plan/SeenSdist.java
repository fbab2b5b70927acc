package dev.flotilla.controller.wheels.plan;

import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;

/**
 * An sdist that clients of some platform have downloaded from the fleet's mirrors.
 *
 * @param filename as upstream has it
 * @param downloads how many the mirrors have counted
 */
public record SeenSdist(String filename, PlatformSlug platform, Interpreter interpreter, long downloads) {}
