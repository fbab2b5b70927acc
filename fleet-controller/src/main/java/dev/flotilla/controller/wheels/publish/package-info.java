/** Brings what was built into the bucket, and into the indexes that nodes follow. */
@NullMarked
package dev.flotilla.controller.wheels.publish;

import org.jspecify.annotations.NullMarked;
