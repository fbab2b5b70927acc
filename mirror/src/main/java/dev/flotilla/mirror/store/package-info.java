/**
 * What the mirror keeps on disk: content-addressed blobs within a byte budget, and the project pages that survive a
 * restart. One class owns the layout.
 */
@NullMarked
package dev.flotilla.mirror.store;

import org.jspecify.annotations.NullMarked;
