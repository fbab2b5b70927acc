/** From a {@code fleet.conf} to a signed release in the bucket, and the keys that sign it. */
@NullMarked
package dev.flotilla.controller.publish;

import org.jspecify.annotations.NullMarked;
