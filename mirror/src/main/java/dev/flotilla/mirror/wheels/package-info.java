/** Wheels that were built for this fleet: what the signed index of each platform says of them, and how they join upstream's files. */
@NullMarked
package dev.flotilla.mirror.wheels;

import org.jspecify.annotations.NullMarked;
