/** Ends a fleet: names, nodes, and at last what is in its bucket. */
@NullMarked
package dev.flotilla.controller.destroy;

import org.jspecify.annotations.NullMarked;
