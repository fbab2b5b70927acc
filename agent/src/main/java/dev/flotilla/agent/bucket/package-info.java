/** The bucket that a fleet lives in: a port, its implementation for S3, and the names of the objects in it. */
@NullMarked
package dev.flotilla.agent.bucket;

import org.jspecify.annotations.NullMarked;
