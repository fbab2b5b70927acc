/** Packs the archive that makes a bare machine a node. Runs in the build alone. */
@NullMarked
package dev.flotilla.node;

import org.jspecify.annotations.NullMarked;
