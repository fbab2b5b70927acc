/** Writing to disk so that a power cut leaves the old or the new, never half. */
@NullMarked
package dev.flotilla.agent.disk;

import org.jspecify.annotations.NullMarked;
